"""Everything a session or its desk may ask for: a closed union of frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.session.request import EditRequest
from lsp_server.text.changes import ChangeSet


class Level(StrEnum):
    """How loudly a sentence is said."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Ask the model. Every opened stream ends, or is closed, exactly once."""

    session: str
    attempt: int
    request: EditRequest


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Cut the stream of this attempt at once."""

    session: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ApplyEdit:
    """Ask the editor to change the document, which is at `version`.

    `changes` are against the document's text at that version, in code points. `frame_at` is when
    the frame was read that made this edit possible, in milliseconds.
    """

    edit: int
    version: int
    changes: ChangeSet
    frame_at: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Something about the session changed that its watchers want to see."""

    session: str
    level: Level | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the command `token`."""

    token: int
    result: Mapping[str, object]


Effect = OpenStream | CloseStream | ApplyEdit | Report | Answer
