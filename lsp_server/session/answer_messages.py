"""Sentences about what an answer holds, leaves out and needs."""

from collections.abc import Sequence

from lsp_server.edit.reply import Doubt
from lsp_server.edit.reply.elision import ElisionGuess

ONLY_SELECTED = "The answer holds only what you selected; the rest of the code stays as it is."

# Sentences of up to a hundred characters or so: longer ones stop Neovim with "Press ENTER".
CUT_OFF = (
    "The answer broke off; the rest of your code stays as it was. Redirect to go on from here."
)
NO_CODE = (
    "The model's answer holds no code for the selection; your code stays as it was. Redirect to "
    "ask again."
)
NOT_WHOLE = (
    "The model's answer ended inside a block of code; the rest of your code stays as it was. "
    "Redirect to go on."
)
SAME = "The model's answer is the same as your code. Redirect to ask in other words."
DOUBTS = {
    Doubt.SEVERAL: "The model sent several blocks of code, and the first is not the one most like "
    "yours. The rest of your code stays as it was: redirect to ask for one, or midstream.show.",
    Doubt.PART: "The answer is only a piece of the selection, and where it belongs is not certain. "
    "Your code stays as it was: redirect to ask for the whole, or midstream.show.",
    Doubt.EMPTIED: "The answer leaves the body of a function empty, which you did not ask for. "
    "Your code stays as it was: redirect to ask for the whole, or midstream.show.",
    Doubt.MIXED: "The model mixed words and code, so where its code begins is not certain. The "
    "rest of your code stays as it was: redirect to ask for the code alone, or midstream.show.",
}
HELD_AT_THE_END = (
    "The rest of the answer does not fit here and is held back: midstream.show, redirect or revert."
)
HELD_LONG = "What the model sends does not parse yet and is held back; midstream.show shows it."
STUCK = "Midstream did not get to what was asked for and stopped. What you see stays."
RESUMED = "Midstream was ended in the middle of this edit: accept, revert, or redirect to go on."
WITHHELD = "The model would also change lines that you touched: accept or revert those changes."

# So many names are told.
_MOST_NAMED = 3


def left_out(skipped: Sequence[str]) -> str:
    """What the user is told of changes that were left out; there must be one."""
    one = len(skipped) == 1
    how_many = "One" if one else f"{len(skipped)}"
    return (
        f"{how_many} of the model's changes did not fit and {'was' if one else 'were'} left out. "
        f"{skipped[0]} Redirect to ask for {'it' if one else 'them'} again."
    )


def gone(names: Sequence[str]) -> str:
    """What the user is told of declarations that the answer leaves out; there must be one."""
    them = "it" if len(names) == 1 else "them"
    return (
        f"The answer leaves out {_listed(names)}, which you did not ask for: revert, or redirect "
        f"to bring {them} back."
    )


def stays(names: Sequence[str]) -> str:
    """What the user is told where the answer holds only some definitions; the others are named."""
    rest = "stays as it is" if len(names) == 1 else "stay as they are"
    return f"The answer holds only a part of the selection: {_listed(names)} {rest}."


def wider(level: str, *, under: bool) -> str:
    """What the user is told of an answer that holds more than the scope. `under`: the scope stands
    under the line that it begins with, else right behind it. `level`: the one that has it all."""
    if not under:
        what = "also changes the line above the selection"
    elif level in ("", "file"):
        what = "also changes lines around the selection"
    else:
        what = f"changes the whole {level}, not only the selection"
    way = f"midstream.show with scope {level}, or redirect"
    if not level:
        way = "select all of it and ask again, or midstream.show"
    return f"The answer {what}. Your code stays as it was: {way}."


def unchecked(line: int) -> str:
    """What the user is told of an answer that is shown though the grammar does not know it."""
    return (
        f"Line {line} could not be checked: its syntax is not known here. It is shown as it came."
    )


def needs(imports: Sequence[str]) -> str:
    """What the user is told of imports that have no place in the selection."""
    it = "it" if len(imports) == 1 else "them"
    return f"The new code needs {_listed(imports)}: add {it} to the imports of the file."


def repeated(lines: Sequence[str]) -> str:
    """What the log says of lines around the selection that an answer repeated."""
    were = "is" if len(lines) == 1 else "are"
    return f"The answer repeats what stands beside the selection; {_listed(lines)} {were} left out."


def stands_for(guesses: Sequence[ElisionGuess]) -> str:
    """What the user is told of lines that were taken for placeholders; there must be one."""
    first = guesses[0]
    lines, stay = ("line", "stays") if first.count == 1 else (f"{first.count} lines", "stay")
    more = f" There are {len(guesses) - 1} more like it." if len(guesses) > 1 else ""
    return (
        f"The answer has `{first.line}` in the place of your {lines}, which {stay}.{more} Redirect "
        "if that was to go."
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return shown + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
