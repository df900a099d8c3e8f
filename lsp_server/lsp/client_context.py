"""What all parts of one conversation share: client, time, capabilities, encoding, settings.

It imports none of the parts that use it, so they can all hold it.
"""

from lsp_server.errors import NoSuchProfile, RequestFailed, SettingsError
from lsp_server.lsp.client import EditorClient
from lsp_server.lsp.convert import Json
from lsp_server.lsp.event_log import EventLog
from lsp_server.lsp.timing import Timing
from lsp_server.settings import Profile, Settings
from lsp_server.text.lines import Encoding


class ClientContext:
    """The editor at the other end, and the settings in force for it."""

    def __init__(self, client: EditorClient, timing: Timing) -> None:
        self.client = client
        self.timing = timing
        self.event_log = EventLog(
            self._send_trace, lambda sentence: client.wording.render(sentence)
        )
        self.capabilities: Json = {}
        """What the client declared in `initialize`."""
        self.encoding = Encoding.UTF16
        """The unit in which this editor counts columns."""
        self.settings = Settings()
        """The settings in force."""

    def _send_trace(self, line: str, text: str | None) -> None:
        message = {"message": line} if text is None else {"message": line, "verbose": text}
        self.client.notify("$/logTrace", message)

    def capability(self, *path: str) -> object:
        """What the client declares at `path`, or `None`."""
        value: object = self.capabilities
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    @property
    def can_apply_edits(self) -> bool:
        """Whether the editor lets a server change documents."""
        return self.capability("workspace", "applyEdit") is True

    @property
    def refusal(self) -> str | None:
        """Why these settings allow no edit; None if they allow one."""
        return self.settings.ignore_fault or self.settings.choice_fault

    def profile(self, name: str | None) -> Profile:
        """The profile with that name; without a name the profile in use.

        `fast` and `deep` also stand for the first profile with that role, unless a profile has that
        name. Raises `RequestFailed` for an unusable profile and `NoSuchProfile` for an unknown one.
        """
        try:
            profile = self.settings.in_use() if name is None else self.settings.profile_named(name)
        except SettingsError as error:
            raise RequestFailed(str(error)) from None
        if profile is None:
            known = ", ".join(f"`{known}`" for known in self.settings.profiles)
            raise NoSuchProfile(
                f"`profile`: there is no profile `{name}`. The profiles are {known}."
            )
        return profile

    def requested_model(self, profile: str) -> str:
        """The name of the model that a profile requests; "" if there is no such profile."""
        found = self.settings.profiles.get(profile, self.settings.current)
        return "" if found is None else found.model
