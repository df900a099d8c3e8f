"""What a session or its document asks for: a closed union of frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.session.request import EditRequest
from lsp_server.text.changes import ChangeSet


class Level(StrEnum):
    """How serious a message to the user is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Ask the model. Every opened stream ends or is closed exactly once."""

    session: str
    attempt: int
    request: EditRequest


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Close the stream of this attempt at once."""

    session: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ApplyEdit:
    """Ask the editor to change the document, which is at `version`.

    `changes` are against the document's text at that version, in code points. `frame_at` is when
    (ms) the frame was read that made this edit possible.
    """

    edit: int
    version: int
    changes: ChangeSet
    frame_at: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The session changed in a way that clients show; `sentence` is a further message."""

    session: str
    level: Level | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the command `token`."""

    token: int
    result: Mapping[str, object]


Effect = OpenStream | CloseStream | ApplyEdit | Report | Answer
