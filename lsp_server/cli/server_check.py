"""Checks the server of a profile on this machine, without sending it any code.

Requests its list of models, and more from two kinds of servers: from llama.cpp whether it uses
speculative decoding, from Ollama how much context it reads. Nothing leaves the machine; a server
elsewhere is not contacted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lsp_server.addresses import is_plain
from lsp_server.cli.http_question import HttpAnswer, ask, entries_of, listens
from lsp_server.gateway.capabilities import rows
from lsp_server.gateway.providers.api_clients import reads_of
from lsp_server.lsp.models import stays_here
from lsp_server.settings import Profile, Provider
from lsp_server.wording import setting

ROOMY = 16_384
"""Tokens: enough for a file of about a thousand lines and the answer. A server that reads less than
this, or than the profile's own `context_tokens`, is reported."""

GUESSES = "--spec-type ngram-simple --spec-ngram-simple-size-n 6 --spec-ngram-simple-size-m 24"
"""llama.cpp's options (common/arg.cpp) to predict what an answer repeats of the prompt."""
REUSES = "--cache-reuse 256"
"""Parts that only moved within the prompt are not read again (common/arg.cpp)."""

_MOST_NAMED = 8
_LONGEST = 80
"""Code points of a model's name that are shown."""
_REFUSES_OTHERS = ("Ollama", "vLLM", "SGLang")
"""Servers that list everything they offer and refuse any other model."""


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """The result: whether an edit can work, as far as can be determined, and sentences about it."""

    fine: bool
    sentences: tuple[str, ...] = ()


def check_server(profile: Profile) -> ServerCheck | None:
    """Check the server of a profile; `None` for an address that is not on this machine."""
    if profile.provider is Provider.PRACTICE or not stays_here(profile) or profile.place is None:
        return None
    parts = urlsplit(profile.place)
    host, plain = parts.hostname or "", is_plain(profile.place)
    port = parts.port or (80 if plain else 443)
    if not plain:
        answers = listens(host, port)
        return ServerCheck(answers, () if answers else (_unreachable(host, port),))
    server = _Server(host, port, _base(profile, parts.path))
    listed = server.get("/models")
    if listed is None:
        if not listens(host, port):
            return ServerCheck(False, (_unreachable(host, port),))
        return ServerCheck(True, ("Something answers there, but it isn't an HTTP server.",))
    if (entries := entries_of(listed)) is not None:
        return _check_models(profile, server, entries)
    return _check_without_list(profile, server, listed)


def _base(profile: Profile, path: str) -> str:
    """The path under which the list of models is."""
    path = path.rstrip("/")
    if profile.url is not None:
        return path.removesuffix("/responses")
    added = profile.provider.row.client_path if profile.provider is not None else ""
    return path.removesuffix(added) + added


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    base: str

    @property
    def root(self) -> str:
        """The path of what is not under `/v1`."""
        return self.base.removesuffix("/v1")

    def get(self, path: str) -> HttpAnswer | None:
        return ask(self.host, self.port, self.base + path)

    def own(self, path: str, given: object = None) -> Any:
        """The JSON at a path of the server's own API; `None` if there is none."""
        answer = ask(self.host, self.port, self.root + path, given)
        return answer.body if answer is not None and answer.status == 200 else None


def _unreachable(host: str, port: int) -> str:
    return f"Nothing answers at {host}:{port}. Start that server, or correct the address."


def _check_without_list(profile: Profile, server: _Server, listed: HttpAnswer) -> ServerCheck:
    """The result for a server that does not list its models there."""
    if listed.status in (401, 403):
        return ServerCheck(True, ("It answers, but needs a key to list its models.",))
    below = ask(server.host, server.port, f"{server.base}/v1/models")
    if not server.base.endswith("/v1") and entries_of(below) is not None:
        key = setting("url") if profile.url is not None else setting("base_url")
        return ServerCheck(False, (f"Its API is at /v1. Add /v1 to {key} in this profile.",))
    if profile.url is None and listed.status == 503:
        return ServerCheck(True, ("It answers, but is still loading its model (503).",))
    return ServerCheck(True, ("It answers, but lists no models.",))


def _check_models(profile: Profile, server: _Server, entries: list[dict[str, Any]]) -> ServerCheck:
    owner = entries[0].get("owned_by") if entries else None
    kind = next((row.name for row in rows() if row.owner and row.owner == owner), "")
    names = [str(entry["id"]) for entry in entries]
    is_listed = _is_among(profile.model, kind, entries)
    sentences = [_offer(kind, names)]
    if not is_listed and kind == "llama.cpp" and len(names) == 1:
        # It has one model and answers with it, whatever is requested.
        is_listed = True
    elif not is_listed:
        get = f": run `ollama pull {profile.model}`" if kind == "Ollama" else ""
        sentences.append(f"{profile.model} isn't one of them{get}.")
    if kind == "llama.cpp":
        sentences += _llama_advice(server)
    context = _context_size(kind, server, profile.model, entries) if is_listed else None
    if context is not None:
        sentences += _context_advice(profile, kind, context)
    return ServerCheck(is_listed or kind not in _REFUSES_OTHERS, tuple(sentences))


def _offer(kind: str, names: Sequence[str]) -> str:
    who = kind or "The server"
    if not names:
        return f"{who} answers, but offers no model yet."
    more_text = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    short = [name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…" for name in names]
    return f"{who} answers and offers {', '.join(short[:_MOST_NAMED])}{more_text}."


def _is_among(model: str, kind: str, entries: list[dict[str, Any]]) -> bool:
    wanted = {model}
    if kind == "Ollama" and ":" not in model:
        wanted.add(f"{model}:latest")
    return any(_names(entry) & wanted for entry in entries)


def _names(entry: dict[str, Any]) -> set[str]:
    aliases = entry.get("aliases")
    alias_names = {str(alias) for alias in aliases} if isinstance(aliases, list) else set()
    return {str(entry["id"]), *alias_names}


def _llama_advice(server: _Server) -> list[str]:
    """A hint for a llama.cpp that reports no speculative decoding."""
    slots = server.own("/slots")
    reported = [slot.get("speculative") for slot in slots or () if isinstance(slot, dict)]
    if not reported or any(guesses is not False for guesses in reported):
        return []
    return [
        "It doesn't use speculative decoding, which makes rewrites faster because they mostly "
        f"repeat the prompt. Start llama-server with {GUESSES} {REUSES}."
    ]


def _context_size(
    kind: str, server: _Server, model: str, entries: list[dict[str, Any]]
) -> tuple[int, bool] | None:
    """How many tokens the server reads for this model, and whether it has loaded the model that
    way."""
    if kind == "Ollama":
        return _context_size_of_ollama(server, model)
    entry = next((e for e in entries if model in _names(e)), entries[0])
    reported = reads_of([entry]).get("")
    return None if reported is None else (reported, True)


def _context_size_of_ollama(server: _Server, model: str) -> tuple[int, bool] | None:
    loaded = server.own("/api/ps")
    models = loaded.get("models") if isinstance(loaded, dict) else None
    for entry in models if isinstance(models, list) else ():
        known = isinstance(entry, dict) and entry.get("name") in (model, f"{model}:latest")
        if known and isinstance(entry.get("context_length"), int):
            return entry["context_length"], True
    shown = server.own("/api/show", {"model": model})
    parameters = shown.get("parameters") if isinstance(shown, dict) else None
    for line in parameters.splitlines() if isinstance(parameters, str) else ():
        name, _, value = line.partition(" ")
        if name == "num_ctx" and value.strip().isdecimal():
            return int(value), False
    return None


def _context_advice(profile: Profile, kind: str, context: tuple[int, bool]) -> list[str]:
    """What to do about a server that reads less than a file needs."""
    tokens, loaded = context
    needed = profile.context_tokens or ROOMY
    if tokens >= needed:
        return []
    whose = (
        f"this profile's {setting('context_tokens')}"
        if profile.context_tokens
        else "a file of 1,000 lines"
    )
    remedy = {
        "Ollama": f"start it with OLLAMA_CONTEXT_LENGTH={needed}"
        + ("" if loaded else ", and remove num_ctx from the model's parameters"),
        "llama.cpp": f"start llama-server with --ctx-size {needed} for each of its slots (-np)",
        "vLLM": f"start it with --max-model-len {needed}",
        "SGLang": f"start it with --context-length {needed}",
    }.get(kind, "give it more when it is started")
    return [
        f"It reads {tokens:,} tokens at once, where {whose} may need {needed:,}: {remedy}, as far "
        "as the memory allows."
    ]
