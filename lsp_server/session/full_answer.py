"""All of an answer, also where no reader takes it for the scope's new text.

Nothing that came is out of the user's reach: what was refused, mixed or in a form that nobody reads
can be shown in the scope's place, and stands in the list of attempts.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from lsp_server.edit.diff import diff
from lsp_server.edit.hunks import Attribution
from lsp_server.edit.reply.json_wrapper import bare
from lsp_server.edit.reply.reasoning import Reasoning
from lsp_server.edit.reply.reply_context import unify
from lsp_server.edit.shadow_copy import ShadowCopy
from lsp_server.text.changes import Change, ChangeSet

_WORD = re.compile(r"\w+")


def entire(reply: str, read: Callable[[str], str]) -> str:
    """What a reply holds beside thoughts, without the one fence around all of it.

    In the document's columns, as `read` gives a block of it, unless that leaves something out.
    """
    thoughts = Reasoning()
    text = bare("\n".join(x for x in unify(reply).split("\n") if not thoughts.hold(x)))
    shaped = read(text)
    whole = Counter(_WORD.findall(shaped)) == Counter(_WORD.findall(text))
    return shaped if whole else text


def remembering(
    attribution: Attribution, shadow_copy: ShadowCopy, attempt: int, text: str, *, as_one: bool
) -> Attribution:
    """The account with `text` as the result of an attempt that is held, for who goes back to it;
    `as_one`: it has nothing in common with what it takes the place of."""
    copy = shadow_copy.copy
    wanted = ChangeSet.of(len(copy), [Change(0, len(copy), text)]) if as_one else diff(copy, text)
    others = tuple((number, result) for number, result in attribution.results if number != attempt)
    result = attribution.ours.compose(shadow_copy.write(wanted, len(text)).shown)
    return replace(attribution, results=(*others, (attempt, result)))
