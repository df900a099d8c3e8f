"""What a session requests from the model.

Pure values that know no URI, socket or setting. `prompt.compose` puts them into a prompt.
"""

from dataclasses import dataclass
from enum import StrEnum

from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span

__all__ = ["EditRequest", "Form", "Keep", "form_for"]


class Keep(StrEnum):
    """What a redirect starts from: the scope as the user sees it, or the original."""

    LANDED = "landed"
    NONE = "none"


class Form(StrEnum):
    """The form of the answer: the scope's whole new text, a unified diff of it, or only its changed
    definitions, each written whole."""

    REWRITE = "rewrite"
    PATCH = "patch"
    DEFINITIONS = "definitions"


def form_for(scope: str, patch_from: int, large: Form = Form.PATCH) -> Form:
    """The form to request: `large` for a scope of `patch_from` lines or more."""
    return large if len(split_lines(scope)) >= patch_from else Form.REWRITE


@dataclass(frozen=True, slots=True)
class EditRequest:
    """Everything that an attempt tells the model about the scope and what happened to it.

    Immutable; a redirect makes a new one. All texts are as the editor holds them, line ends
    included. `cut` is in code points of `current`.
    """

    instruction: str
    """What the user wants, word for word."""
    original: str
    """The scope as it was when the session began."""
    current: str
    """The scope as the user sees it now: what this attempt rewrites."""
    profile: str
    """The name of the profile that answers."""
    earlier: tuple[str, ...] = ()
    """The instructions of the earlier attempts, oldest first."""
    cut: int | None = None
    """How far in `current` the previous attempt had come when it was cut; None: it had ended."""
    typed: tuple[str, ...] = ()
    """What the user has typed in the scope since the session began."""
    settled: tuple[str, ...] = ()
    """The lines of hunks that the user has accepted, which must stay as they are."""
    withheld: tuple[str, ...] = ()
    """Lines that both the user and the previous attempt wanted to change."""
    form: Form = Form.REWRITE
    selected: Span | None = None
    """The part of `original` that the user selected, in whole lines; None: all of it. Empty for a
    cursor without a selection."""
    imports: bool = False
    """Whether the answer may name imports that it needs, to be offered outside of the scope."""
