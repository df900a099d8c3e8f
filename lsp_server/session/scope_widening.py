"""Reads a held answer for a wider scope, without a new request to the model.

The same reply is read again as the answer to the same instruction for the wider scope. What the
user has typed since the request, in the scope or around it, stays theirs.
"""

from dataclasses import replace

from lsp_server.choices import Publish
from lsp_server.edit.definitions import EnclosingReach, begins_like, in_front_of, lines_under
from lsp_server.edit.reply.reply_context import unify
from lsp_server.errors import RequestFailed
from lsp_server.session.attempt import Attempt
from lsp_server.session.events import Moment
from lsp_server.session.request import EditRequest
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.wording import REDIRECT

__all__ = ["read_wider"]


def read_wider(
    held: Attempt, request: EditRequest, publish: Publish, sent: ScopeResize, moment: Moment
) -> Attempt:
    """The held answer read as one to `request`, which is for the wider scope.

    `sent` leads to that scope in the document that the model was sent. Raises `RequestFailed` where
    the answer is none for it.
    """

    def read(reply: str, asking: EditRequest = request, here: Moment = moment) -> Attempt:
        again = Attempt(held.number, asking, publish, here)
        again.reread(reply, here.now)
        return again

    reach, wide = held.reach, unify(request.current)
    above = unify(sent.add_before).count("\n")
    begun = in_front_of(wide).count("\n")
    again = read(held.reply)
    at_header = reach is not None and reach.under and above - reach.lines == begun
    whole_lines = not moment.before.rpartition("\n")[2].strip()
    begins = whole_lines and (at_header or begins_like(wide, again.answer))
    if begins and begun and not in_front_of(again.answer):
        again = read(_block(in_front_of(wide) + again.answer))
    elif reach is not None and not begins and not again.is_part and above >= reach.lines:
        before, own, after = _split_wider(held, sent, reach)
        part = replace(request, original=own, current=own)
        around = unify(moment.before) + before, after + unify(moment.after)
        there = read(held.reply, part, replace(moment, before=around[0], after=around[1]))
        again, begins = read(_block(before + there.answer + after)), _is_sound(there)
    if not (begins or again.is_part) or not _is_sound(again):
        raise RequestFailed(f"The answer doesn't fit that scope. Try another one, or {REDIRECT}.")
    return again


def _is_sound(again: Attempt) -> bool:
    return again.proven and not again.is_held and not again.refusal


def _split_wider(held: Attempt, sent: ScopeResize, reach: EnclosingReach) -> tuple[str, str, str]:
    """The wider scope in three parts: the lines that the answer replaces, and those around them."""
    head, tail = unify(sent.add_before).split("\n"), unify(sent.add_after).split("\n")
    at = len(head) - 1 - reach.lines
    header = head[at]
    own = len(header) - len(header.lstrip())
    under = 1 + lines_under(header, tail[1:]) if reach.under else 1
    before = "\n".join([*head[:at], header[:own]])
    scope = unify(held.request.current)
    lines = "\n".join([header[own:], *head[at + 1 :]]) + scope + "\n".join(tail[:under])
    return before, lines, "\n".join(["", *tail[under:]]) if tail[under:] else ""


def _block(text: str) -> str:
    """A reply with the text as its only block."""
    fence = "`" * 60
    return f"{fence}\n{text}\n{fence}\n"
