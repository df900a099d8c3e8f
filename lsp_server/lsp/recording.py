"""Records everything that happens in a conversation, so that it can be replayed.

What happens is a message of the editor, a frame or the end of a model's stream, or a timer. Each is
one line with the times that were read while it was handled; the messages that the server sent
because of it follow. `docs/protocol.md` describes the lines. API keys are never written and, on
request, no texts.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, assert_never

import orjson

from lsp_server import __version__
from lsp_server.errors import SettingsError
from lsp_server.lsp.context_search import FoundContext
from lsp_server.lsp.convert import Json
from lsp_server.lsp.timing import Alarm, Timing, now_ms
from lsp_server.session import events as ev
from lsp_server.settings import PRACTICE, Profile, Settings

log = logging.getLogger(__name__)

FORMAT = 1
"""The number of the format."""
HIDDEN = "***"
"""Replaces an API key."""

_KEY = re.compile(r"(?i)(key|token|secret|password|authorization)s?$")
_NO_KEY = frozenset({"workDoneToken", "token"})
_OF_A_PROFILE = frozenset({"model", "provider", "role"})
_OF_A_PROFILE |= {"reasoningEffort", "serviceTier", "reasoning_effort", "service_tier"}
"""The texts of a profile that are never a key. Others may contain one: a URL, a command, the name
of a variable, or a key entered in the wrong place."""
_NOT_SAID = frozenset(
    {"profiles", "requested_profile", "choice_fault", "unusable", "roles", "profiles_fault"}
    | {"workspace_prompts", "ignore_fault"}
)
"""Attributes that follow from the settings, and the profiles, of which less is written."""
_NOWHERE = "ws://127.0.0.1:1/v1/responses"
"""The address of all models in a recording."""
_PLACES = frozenset({"url", "base_url", "api_key_env", "api_key_command", "api_keyring", "name"})


class Recorder:
    """One recording. After it is open, nothing here raises: a failing disk ends the recording."""

    def __init__(self, path: Path, *, redact: bool = False) -> None:
        """Begin a recording in a new file. Raises `SettingsError` if the file cannot be created."""
        self.timing: Timing = RecordedTiming(self)
        self._redact = RecordingRedaction() if redact else None
        self._began = now_ms()
        self._descriptor = _new_file(path)
        self._sent: list[Json] | None = None
        self._read: list[float] = []
        self._parses, self._cut = 0, list[tuple[int, int]]()
        self._found: list[Json] = []
        self._keys: set[str] = set()
        self._line({"recording": FORMAT, "version": __version__, "redacted": redact})

    # -- what happens --

    @contextmanager
    def happening(self, **what: object) -> Iterator[None]:
        """Something happens: write its line, then the messages sent while it was handled."""
        at = now_ms()
        self._sent, self._read = [], []
        self._parses, self._cut = 0, []
        self._found = []
        try:
            yield
        finally:
            sent, self._sent = self._sent, None
            cut = {"cut": self._cut} if self._cut else {}
            found = {"found": self._found} if self._found else {}
            self._line({**what, "read": self._read, **cut, **found}, at)
            for message in sent:
                self._line({"server": message})

    def editor(self, message: object) -> object:
        """A message of the editor without API keys."""
        if isinstance(message, dict) and message.get("method") == "midstream/keys":
            params = message.get("params")
            keys = params if isinstance(params, dict) else {}
            self.hide(*(key for key in keys.values() if isinstance(key, str)))
            return {**message, "params": dict.fromkeys(keys, HIDDEN)}
        return _without_keys(message)

    def server(self, message: Json) -> None:
        """The server has sent a message."""
        if self._sent is None:
            self._line({"server": message})
        else:
            self._sent.append(message)

    def settings(self, settings: Settings) -> None:
        """These settings are in force from now on."""
        self.hide(
            *(
                os.environ.get(profile.api_key_env, "").strip()
                for profile in settings.profiles.values()
                if profile.api_key_env is not None
            )
        )
        self._line({"settings": plain_settings(settings)})

    def frame(self, session: str, attempt: int, frame: bytes) -> None:
        """A frame of a model's stream has arrived."""
        try:
            body = orjson.loads(frame)
        except orjson.JSONDecodeError:
            body = frame.decode("utf-8", "replace")
        self._line({"session": session, "attempt": attempt, "frame": body})

    def stream(
        self, session: str, attempt: int, sink: Callable[[ev.ModelEvent], None]
    ) -> Callable[[ev.ModelEvent], None]:
        """A sink that writes the events of one stream before it passes them on."""

        def tapped(event: ev.ModelEvent) -> None:
            with self.happening(session=session, attempt=attempt, event=_event(event)):
                sink(event)

        return tapped

    def found(self, found: FoundContext) -> None:
        """The context of an edit was searched."""
        pieces = [_plain(piece) for piece in found.pieces]
        self._found.append({"pieces": pieces, "problems": [*found.problems]})

    def hide(self, *keys: str) -> None:
        """These texts are API keys: they are not written, wherever they occur."""
        self._keys |= {key for key in keys if len(key) >= 8}

    def reading(self, value: float) -> float:
        """A time that was read. The reader gets exactly what is written."""
        value = round(value, 3)
        self._read.append(value)
        return value

    def parsing(self, over: Callable[[], bool]) -> Callable[[], bool]:
        """A parse begins that `over` limits. Writes down which parses are stopped, and where.

        If a text has errors, the result of a parse depends on where it paused.
        """
        self._parses += 1
        number, cut = self._parses, self._cut
        asked, said = 0, False

        def noted() -> bool:
            nonlocal asked, said
            asked += 1
            if not said and over():
                said = True
                cut.append((number, asked))
            return said

        return noted

    def close(self) -> None:
        """Nothing more is written."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    # -- inside --

    def _line(self, what: Json, at: float | None = None) -> None:
        if self._descriptor < 0:
            return
        passed = round((now_ms() if at is None else at) - self._began, 3)
        shown = self._redact.line(what) if self._redact is not None else what
        data = _dumped({"at": passed, **shown})
        for key in self._keys:
            data = data.replace(_dumped(key)[1:-1], HIDDEN.encode())
        data += b"\n"
        try:
            if os.write(self._descriptor, data) < len(data):
                raise OSError(None, "the disk is full")
        except OSError as error:
            log.warning("The recording has ended: %s.", error.strerror)
            self.close()


class RecordedTiming(Timing):
    """The system's time, with everything that it says and does recorded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def reading(self, value: float) -> float:
        """See `Timing`."""
        return self._recorder.reading(value)

    def parsing(self) -> Callable[[], bool]:
        """See `Timing`."""
        return self._recorder.parsing(super().parsing())

    def slicing(self) -> Callable[[], bool]:
        """See `Timing`."""
        return self._recorder.parsing(super().slicing())

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        """See `Timing`."""

        def level() -> None:
            with self._recorder.happening(timer=name):
                work()

        return super().later(name, seconds, level)


# -- JSON ------------------------------------------------------------------------------------------


def plain_settings(settings: Settings) -> Json:
    """Settings as `initializationOptions`, without where models are and where keys come from."""
    table: Json = {}
    for item in fields(settings):
        value = getattr(settings, item.name)
        if item.name not in _NOT_SAID:
            table[_camel(item.name)] = _plain(value)
    if settings.ignore_fault is not None:
        table["ignore"] = False  # Unreadable here, so the replay must not read it either.
    table["profiles"] = {
        name: _plain_profile(profile)
        for name, profile in settings.profiles.items()
        if name != PRACTICE
    }
    return table


def _plain_profile(profile: Profile) -> Json:
    values = {f.name: getattr(profile, f.name) for f in fields(profile) if f.name not in _PLACES}
    plain = {_camel(n): _plain(v) for n, v in values.items() if v is not None and n != "provider"}
    return {"url": _NOWHERE, **plain}


def _plain(value: Any) -> object:
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "items"):
        return {name: _plain(item) for name, item in value.items()}
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _event(event: ev.ModelEvent) -> Json:
    """What an event of a stream was. Its text is in the frame that it came in."""
    match event:
        case ev.Started():
            return {"kind": "started"}
        case ev.Delta():
            return {"kind": "delta"}
        case ev.Finished():
            return {"kind": "finished"}
        case ev.Failed(_, sentence):
            return {"kind": "failed", "sentence": sentence}
        case _:
            assert_never(event)


def _without_keys(value: Any, name: str = "") -> Any:
    """The value without what has the name of an API key."""
    if isinstance(value, dict):
        if name == "profiles":
            return {field: _profile_without_keys(item) for field, item in value.items()}
        if name == "initializationOptions" and "token" in value:
            value = {**value, "token": HIDDEN}  # Sent by a client although no token is needed.
        return {field: _without_keys(item, field) for field, item in value.items()}
    if isinstance(value, list):
        return [_without_keys(item, name) for item in value]
    hidden = isinstance(value, str) and _KEY.search(name) and name not in _NO_KEY
    return HIDDEN if hidden else value


def _profile_without_keys(profile: Any) -> Any:
    """A profile of the settings, with only the texts that cannot be a key."""
    if not isinstance(profile, dict):
        return HIDDEN
    return {
        name: value if name in _OF_A_PROFILE or isinstance(value, int | float) else HIDDEN
        for name, value in profile.items()
    }


def _dumped(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:  # Lone surrogates, or one of LSP's own types.
        return orjson.dumps(_tame(value))


def _tame(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _tame(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_tame(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _new_file(path: Path) -> int:
    """A new file for this user alone; beside an existing one of that name."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
    for number in range(1, 1000):
        place = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            return os.open(place, flags, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            raise SettingsError(f"--record: can't write {place}: {error.strerror}.") from None
    raise SettingsError(f"--record: there are a thousand recordings beside {path}. Delete some.")


# -- without texts ---------------------------------------------------------------------------------

_KEPT = frozenset(
    {"jsonrpc", "method", "id", "command", "kind", "phase", "outcome", "state", "level", "session"}
    | {"scope", "leave", "keep", "left", "languageId", "language", "token", "type"}
    | {"publish", "form", "why"}
    | {"cancelLeaves", "version", "timer", "profile", "hunks", "status", "role", "readAhead"}
)
"""Fields that contain words of the protocol, never the user's."""
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")


class RecordingRedaction:
    """Replaces all texts by other letters: as many, as wide, on the same lines.

    The same text always becomes the same, whole or in pieces, so documents, changes and answers
    still fit together. The original words cannot be recovered.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def line(self, what: Json) -> Json:
        """A line of a recording without texts."""
        return {name: self._redacted(value, name) for name, value in what.items()}

    def _redacted(self, value: Any, name: str) -> Any:
        match value:
            case dict():
                if name == "capabilities":
                    return value
                if name == "prompts":  # The names of prompts are the user's words too.
                    value = {f"{n} {shape_of(w)}": t for n, (w, t) in enumerate(value.items(), 1)}
                return {field: self._redacted(item, field) for field, item in value.items()}
            case list():
                return [self._redacted(item, name) for item in value]
            case str() if name == "timer":
                word, space, uri = value.partition(" ")
                return word + space + (self._place(uri) if ":" in uri else uri)
            case str() if value.startswith("file:") or name == "uri":
                return self._place(value)
            case str() if name not in _KEPT and value != _NOWHERE:
                return shape_of(value)
            case _:
                return value

    def _place(self, uri: str) -> str:
        """Another name for a file. Its extension stays."""
        suffix = _SUFFIX.search(uri)
        place = f"file:///redacted/{len(self._names) + 1}{suffix[0] if suffix else ''}"
        return self._names.setdefault(uri, place)


def shape_of(text: str) -> str:
    """The text with every letter and digit replaced by one of the same width in every encoding."""
    return "".join(map(_shape, text))


def _shape(char: str) -> str:
    if char.isdigit() and char.isascii():
        return "0"
    if not char.isalnum():
        return char
    return ("x", "ж", "字", "𝐱")[len(char.encode("utf-8", "replace")) - 1]
