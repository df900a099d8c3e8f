"""Everything that can happen to a session: a closed union of frozen values.

Times are not in the events: whoever hands one in says when (`now`, in milliseconds of a clock
that only goes forward). `attempt` numbers the streams of a session from 1; an event of an older
attempt is late, whatever the phase, and does nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.choices import Leave
from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.session.request import Form, Keep
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

# -- when it happens --


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event happens and what stands around the scope at that time.

    `now` is in milliseconds; `before` and `after` are a few lines of the document; `line_end`
    gives the one that most lines of it have. `language` is the document's LSP language id; `names`
    tells the definitions of a text that takes the scope's place, `level` the level of the ladder
    that takes in so many lines above the scope; "" for none.
    """

    now: float
    before: str = ""
    after: str = ""
    line_end: Callable[[], str] = "\n".__str__
    language: str = ""
    names: Callable[[str], DefinitionReader] = NoDefinitions.of
    level: Callable[[int], str] = lambda lines: ""


# -- from the model --


@dataclass(frozen=True, slots=True)
class Started:
    """The first sign of life of an answer; it comes again when the server tells more of these.

    `model` is the one that the server says it serves, `service_tier` the class of service that it
    says it used, `queue_ms` the milliseconds that the request waited there. `None`: not told yet.
    """

    attempt: int
    model: str | None = None
    service_tier: str | None = None
    queue_ms: float | None = None
    reading: tuple[int, int] | None = None
    """Tokens of the prompt that the model has read, and all of them."""
    loading: bool = False
    """The server is loading the model at this moment."""


@dataclass(frozen=True, slots=True)
class Delta:
    """More of the answer, as it came. `read_at` is when its frame was read, in milliseconds."""

    attempt: int
    text: str
    read_at: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer has ended. `completed` tells whether the model said that this was all of it.

    When it did not, `sentence` says what happened and whose fault it is.
    """

    attempt: int
    completed: bool = True
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer broke off, or never came. `sentence` says what happened and whose fault it is."""

    attempt: int
    sentence: str


ModelEvent = Started | Delta | Finished | Failed

# -- from the desk, which speaks for the editor --


@dataclass(frozen=True, slots=True)
class Landed:
    """The editor holds what the session proposed last."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The editor does not hold what the session proposed last, and will not."""


@dataclass(frozen=True, slots=True)
class ScopeChanged:
    """Somebody else changed the scope. `changes` are against the scope's text as it was."""

    changes: ChangeSet


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing is left to edit: the scope was deleted, the document closed, the editor lost."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """The editor was free, and the session had nothing to propose."""

    lost: tuple[str, ...] = ()
    """Declarations of the scope, as it was before the edit, that it holds no more."""


DeskEvent = Landed | Refused | ScopeChanged | Gone | Quiet

# -- from the user --
# `token` names the command that waits for an answer; it comes back in an `Answer`.


@dataclass(frozen=True, slots=True)
class Redirected:
    """A new instruction. `profile` names another model, or leaves it as it is.

    `frame` makes the scope wider or narrower. `without` is a piece of the scope (code points from
    its start) that goes: the comment that the instruction stood in. From `patch_from` lines on the
    scope is asked for in the form `large`; `None`: in the form of the attempt before.
    """

    token: int
    instruction: str
    keep: Keep = Keep.LANDED
    profile: str | None = None
    resize: ScopeResize | None = None
    without: Span | None = None
    patch_from: int | None = None
    large: Form = Form.PATCH


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Stop, and leave this in the scope."""

    token: int
    leave: Leave = Leave.VALID


@dataclass(frozen=True, slots=True)
class Accepted:
    """Keep these hunks, or everything (`None`)."""

    token: int
    hunks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reverted:
    """Take these hunks back, or everything (`None`)."""

    token: int
    hunks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Show what is held, although it does not parse.

    With a `frame` the scope becomes wider, and the answer that came is read for that one. `asked`
    is the same frame of the document that the model was told of; the desk knows it.
    """

    token: int
    resize: ScopeResize | None = None
    sent_resize: ScopeResize | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """Go back to the result of that attempt."""

    token: int
    attempt: int


UserEvent = Redirected | Cancelled | Accepted | Reverted | Shown | Restored


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = ModelEvent | DeskEvent | UserEvent | Tick
