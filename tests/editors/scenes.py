"""What most tests with a real editor begin and end with."""

from tests.editors.neovim import Neovim
from tests.editors.texts import (
    AFTER,
    ANSWER,
    BEFORE,
    END,
    FENCE,
    FIRST,
    LANDED,
    LAST,
    ORIGINAL,
    lines_of,
)
from tests.support.scripted_model import Asked, ScriptedModel

STOPPED = (
    BEFORE
    + ORIGINAL.replace("    total = 0\n", '    """What the items cost."""\n    total = 0\n')
    + AFTER
)
"""What is there when the answer was cut after its first lines."""


def begin(neovim: Neovim, model: ScriptedModel) -> tuple[str, Asked]:
    """Ask for an edit of the scope, and wait until the first lines of the answer have landed."""
    argument = neovim.lines(FIRST, LAST) | {"instruction": "Simplify."}
    session = str(neovim.command("midstream.edit", argument)["session"])
    answer = model.next()
    answer.say(FENCE, *lines_of(ANSWER)[:3])
    neovim.wait_for(lambda: LANDED in neovim.text)
    return session, answer


def finish(neovim: Neovim, answer: Asked) -> None:
    """Send what is left of the answer and wait until all has landed."""
    answer.say(*lines_of(ANSWER)[3:], END)
    answer.finish()
    ended(neovim)


def ended(neovim: Neovim, attempt: int = 1, session: str = "s1") -> str:
    """Wait until the progress of an attempt has ended; its last words."""
    token = f"midstream/{session}/{attempt}"
    found = neovim.wait_for(lambda: [p for p in neovim.progress("end") if p["token"] == token])
    return str(found[0]["message"])


def heard(neovim: Neovim, *answers: Asked) -> None:
    """Wait until the server has read all that was sent; it counts the session's tokens in the
    progress: `answers` are those of its attempts."""
    words = f"streaming, {sum(answer.said for answer in answers)} tokens"
    neovim.wait_for(lambda: any(words in p["message"] for p in neovim.progress("report")))
