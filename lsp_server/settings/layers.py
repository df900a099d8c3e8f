"""Where settings come from, how keys are spelled there, and the messages about what is wrong.

Knows nothing of what the settings mean.
"""

from dataclasses import dataclass
from enum import Enum

from lsp_server.settings import values
from lsp_server.settings.bounds import shown
from lsp_server.settings.schema import KEY_SOURCES, PROFILE_KEYS, Key

NAMES_OF_A_KEY = frozenset(
    {"apikey", "key", "token", "apitoken", "accesstoken", "secret", "apisecret", "password"}
    | {"authorization", "bearer", "bearertoken", "headers", "xapikey"}
)


class Layer(Enum):
    """The sources of settings. A later one overrides an earlier one."""

    USER_FILE = "config.toml"
    WORKSPACE_FILE = ".midstream.toml"
    INITIALIZATION = "initializationOptions"
    CONFIGURATION = "workspace/configuration"

    @property
    def trusted(self) -> bool:
        """Whether only the user can have written it."""
        return self in (Layer.USER_FILE, Layer.INITIALIZATION)

    @property
    def json(self) -> bool:
        """Whether its keys are in camelCase."""
        return self in (Layer.INITIALIZATION, Layer.CONFIGURATION)


@dataclass(frozen=True, slots=True)
class Source:
    """The values of one layer. `name` is its name in messages; `None` means the layer's own.

    `fault` says why there are no values although there should be. It is worded to follow the name.
    """

    layer: Layer
    values: object
    name: str | None = None
    fault: str | None = None

    @property
    def called(self) -> str:
        """The name for messages."""
        return self.name or self.layer.value

    def spelling(self, key: Key) -> str:
        """A key in the spelling of this layer."""
        return key.json_name if self.layer.json else key.name

    def named(self, spelling: str) -> str:
        """A key and where it is, as a message begins."""
        return f"`{spelling}` in {self.called}"

    def secret(self, spelling: str, why: str) -> str:
        """The message for a value that is itself an API key, without the full stop."""
        names = [key for key in PROFILE_KEYS if key.name in KEY_SOURCES]
        env, command, keyring = (f"`{self.spelling(key)}`" for key in names)
        return (
            f"{self.named(spelling)} {why} and is rejected. Never put a key into settings. Name "
            f"its place with {env}, {command} or {keyring}"
        )

    def unknown(self, name: str, where: str, guess: str | None) -> str:
        """The message for an unknown key, without the full stop."""
        plain = name.replace("_", "").replace("-", "").lower()
        if plain in NAMES_OF_A_KEY:
            return self.secret(where + name, "is a key itself")
        hint = f"; did you mean `{where}{guess}`?" if guess else ""
        seen = "…" if values.looks_like_key(name) else shown(name)
        return f"{self.named(where + seen)} isn't a setting{hint}"


def closed(fault: str) -> str:
    """A fault as a complete sentence."""
    return fault if fault.endswith("?") else f"{fault}."


def stray(named: str) -> str:
    """The message for an address or key source that belongs to no profile, without full stop."""
    return (
        f"{named} names the place of a model or of a key, but belongs to no profile. Put it "
        "under `[profiles.NAME]` (in JSON: into `profiles.NAME`) with its right name, or "
        "remove it. Until then no profile can be used that has a `provider` and no address"
    )
