"""Every event of a session: a closed union of frozen values.

Events hold no times: a `Moment` comes with each. `attempt` numbers the streams of a session from 1.
An event of an older attempt is late in every phase and does nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsp_server.choices import Leave
from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.session.request import Form, Keep
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

# -- when an event happens --


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event happens, and what surrounds the scope at that time.

    `now` is in milliseconds of a clock that only goes forward. `before` and `after` are a few lines
    of the document. `line_end` returns the line end of most lines. `language` is the LSP language
    id. `names` reads the definitions of a text in the scope's place. `level` returns the level of
    the scope that adds this many lines above it; "" for none. `imports_in` returns the import
    statements in a text.
    """

    now: float
    before: str = ""
    after: str = ""
    line_end: Callable[[], str] = "\n".__str__
    language: str = ""
    names: Callable[[str], DefinitionReader] = NoDefinitions.of
    level: Callable[[int], str] = lambda lines: ""
    imports_in: Callable[[str], Sequence[str]] = lambda text: ()


# -- from the model --


@dataclass(frozen=True, slots=True)
class Started:
    """The answer has begun; sent again when the server reports more of these fields.

    `model` is the model that the server says it serves, `service_tier` the class of service that it
    says it used, `queue_ms` how many milliseconds the request waited there. None: not known yet.
    """

    attempt: int
    model: str | None = None
    service_tier: str | None = None
    queue_ms: float | None = None
    reading: tuple[int, int] | None = None
    """How many tokens of the prompt the model has read, and how many there are."""
    loading: bool = False
    """Whether the server is loading the model now."""


@dataclass(frozen=True, slots=True)
class Delta:
    """More of the answer, as it came. `read_at` is when (ms) its frame was read."""

    attempt: int
    text: str
    read_at: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer has ended. `completed` says whether the model itself ended it.

    Where it did not, `sentence` says what happened and whose fault it is.
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

# -- from the document, on behalf of the editor --


@dataclass(frozen=True, slots=True)
class Landed:
    """The editor holds the changes that the session proposed last."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The editor refused the changes that the session proposed last."""


@dataclass(frozen=True, slots=True)
class ScopeChanged:
    """Somebody else changed the scope. `changes` are against the scope's text before them."""

    changes: ChangeSet


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing is left to edit: the scope was deleted, the document closed, the editor lost."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """The editor was free, and the session proposed nothing."""

    lost: tuple[str, ...] = ()
    """Declarations that the scope held before the session and no longer holds."""
    offers: bool = False
    """Whether imports are offered outside of the scope."""


@dataclass(frozen=True, slots=True)
class ImportsLanded:
    """The document has the imports that the user accepted, and none that they reverted."""


@dataclass(frozen=True, slots=True)
class ImportsRefused:
    """The editor refused to change the imports. With a `sentence` for the user it is final."""

    sentence: str | None = None


DocumentEvent = Landed | Refused | ScopeChanged | Gone | Quiet | ImportsLanded | ImportsRefused

# -- from the user --
# `token` identifies the waiting command; it comes back in an `Answer`.


@dataclass(frozen=True, slots=True)
class Redirected:
    """A new instruction. `profile` names another model; None keeps the present one.

    `resize` makes the scope wider or narrower. `without` is a piece of the scope (code points from
    its start) to remove: the comment that held the instruction. A scope of `patch_from` lines or
    more is requested in the form `large`; None: in the form of the previous attempt.
    """

    token: int
    instruction: str
    keep: Keep = Keep.LANDED
    profile: str | None = None
    resize: ScopeResize | None = None
    without: Span | None = None
    patch_from: int | None = None
    large: Form = Form.PATCH
    imports: bool | None = None
    """Whether the answer may name imports that it needs; None: as in the previous attempt."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Stop, and leave in the scope what `leave` says."""

    token: int
    leave: Leave = Leave.VALID


@dataclass(frozen=True, slots=True)
class Accepted:
    """Keep these hunks, or everything (None). If that ends the session, `imports` writes what it
    offers."""

    token: int
    hunks: tuple[str, ...] | None = None
    imports: bool = False


@dataclass(frozen=True, slots=True)
class Reverted:
    """Revert these hunks, or everything (None)."""

    token: int
    hunks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Show held text although it does not parse.

    With a `resize` the scope becomes wider, and the held answer is read for that one. `sent_resize`
    is the same resize in the document that the model was sent; `DocumentEdits` fills it in.
    """

    token: int
    resize: ScopeResize | None = None
    sent_resize: ScopeResize | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """Go back to the result of `attempt`."""

    token: int
    attempt: int


UserEvent = Redirected | Cancelled | Accepted | Reverted | Shown | Restored


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = ModelEvent | DocumentEvent | UserEvent | Tick
