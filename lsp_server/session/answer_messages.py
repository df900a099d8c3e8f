"""Sentences about what an answer holds, leaves out and needs."""

from collections.abc import Sequence

from lsp_server.edit.reply import Doubt
from lsp_server.edit.reply.elision import ElisionGuess
from lsp_server.wording import ACCEPT, REDIRECT, REVERT, SHOW, show_in

ONLY_SELECTED = "The answer has only what you selected. The code around it stays as it is."

# Sentences of up to a hundred characters or so: longer ones stop Neovim with "Press ENTER".
CUT_OFF = f"The answer broke off. The rest of your code stays as it was. {REDIRECT} to continue."
NO_CODE = (
    f"The answer has no code for the selection. Your code stays as it was. {REDIRECT} to ask again."
)
NOT_WHOLE = (
    "The answer ended inside a code block. The rest of your code stays as it was. "
    f"{REDIRECT} to continue."
)
SAME = f"The answer is the same as your code. {REDIRECT} and say it in other words."
DOUBTS = {
    Doubt.SEVERAL: "The model sent several code blocks, and it isn't clear which one is meant. The "
    f"rest of your code stays as it was. To see the answer, {SHOW}; or {REDIRECT} to ask for one.",
    Doubt.PART: "The answer is only a part of the selection, and its place in it isn't clear. Your "
    f"code stays as it was. To see the answer, {SHOW}; or {REDIRECT} to ask for all of it.",
    Doubt.EMPTIED: "The answer empties the body of a function, which you didn't ask for. Your code "
    f"stays as it was. To see the answer, {SHOW}; or {REDIRECT} to ask for all of it.",
    Doubt.MIXED: "The answer mixes words and code, and it isn't clear where the code begins. The "
    f"rest of your code stays as it was. To see the answer, {SHOW}; or {REDIRECT} to ask for code.",
}
HELD_AT_THE_END = (
    f"The rest doesn't fit here and isn't shown. To see it, {SHOW}; or {REDIRECT} or {REVERT}."
)
HELD_LONG = f"The text so far doesn't parse and isn't shown yet. To see it, {SHOW}."
STUCK = "Midstream couldn't finish this edit. Your file stays as you see it."
RESUMED = f"Midstream ended during this edit. To decide on it, {ACCEPT}, {REVERT} or {REDIRECT}."
WITHHELD = f"The model also wants to change lines you edited. {ACCEPT} or {REVERT} those changes."

# The most names in one message.
_MOST_NAMED = 3


def left_out(skipped: Sequence[str]) -> str:
    """The sentence about changes that were left out, each with its own; there must be one."""
    one = len(skipped) == 1
    changes = "One change doesn't" if one else f"{len(skipped)} changes don't"
    return (
        f"{changes} fit and {'was' if one else 'were'} left out. {skipped[0]} {REDIRECT} to ask "
        f"for {'it' if one else 'them'} again."
    )


def gone(names: Sequence[str]) -> str:
    """The sentence about declarations that the answer drops; there must be one."""
    them = "it" if len(names) == 1 else "them"
    return (
        f"The answer drops {_listed(names)}, which you didn't ask for. {REVERT}, or {REDIRECT} to "
        f"bring {them} back."
    )


def stays(names: Sequence[str]) -> str:
    """The sentence about an answer with only some definitions of the scope; names the others."""
    rest = "stays as it is" if len(names) == 1 else "stay as they are"
    return f"The answer covers only part of the selection. {_listed(names)} {rest}."


def wider(level: str, *, under: bool) -> str:
    """The sentence about an answer that covers more than the scope.

    `under`: the scope is below the first line of the answer, else right behind it.
    `level`: the one that covers the whole answer; "" for none.
    """
    if not under:
        what = "also changes the line above the selection"
    elif level in ("", "file"):
        what = "also changes lines around the selection"
    else:
        what = f"changes the whole {level}, not only the selection"
    if level:
        way = f"To see it, {show_in(level)}; or {REDIRECT}."
    else:
        way = f"Select all of it and ask again; or, to see it, {SHOW}."
    return f"The answer {what}. Your code stays as it was. {way}"


def unchecked(line: int) -> str:
    """The sentence about an answer that is shown although the grammar doesn't know its syntax."""
    return f"Line {line} is shown unchecked: Midstream doesn't know its syntax."


def needs(imports: Sequence[str]) -> str:
    """The sentence about imports that have no place in the selection."""
    it = "it" if len(imports) == 1 else "them"
    return f"The new code needs {_listed(imports)}. Add {it} to the imports of the file."


def repeated(lines: Sequence[str]) -> str:
    """The line of the log about lines around the selection that an answer repeated."""
    were = "was" if len(lines) == 1 else "were"
    return f"The answer repeated code around the selection. {_listed(lines)} {were} left out."


def stands_for(guesses: Sequence[ElisionGuess]) -> str:
    """The sentence about lines that were taken for placeholders; there must be one."""
    first = guesses[0]
    lines, stay = ("line", "stays") if first.count == 1 else (f"{first.count} lines", "stay")
    more = f" There are {len(guesses) - 1} more like it." if len(guesses) > 1 else ""
    return (
        f"The answer has `{first.line}` in place of your {lines}, which {stay}.{more} {REDIRECT} "
        "if you want to delete that."
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return shown + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
