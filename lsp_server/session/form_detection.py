"""Detects the form of an answer from its beginning."""

from dataclasses import dataclass
from functools import cached_property

from lsp_server.edit.reply.diff_detection import DIFF_BEGINNINGS, DIFF_INFO_STRINGS, begins_diff
from lsp_server.edit.reply.fence import read_fence
from lsp_server.edit.reply.json_wrapper import begins_wrapped
from lsp_server.edit.reply.reply_context import MARKDOWN, unify
from lsp_server.session.request import Form

# This many lines before the code say nothing about its form, such as the name of a file.
_MOST_WORDS = 2


@dataclass(frozen=True)
class FormDetection:
    """What is known before the answer: requested form, scope text and LSP language id."""

    requested: Form
    original: str
    language: str

    def wraps(self, begun: str) -> bool | None:
        """Whether the answer is a JSON object with code in it; None while that is not certain."""
        if self.language in MARKDOWN | DIFF_INFO_STRINGS:
            return False
        text = unify(begun.removesuffix("\r"))
        first, _, rest = text.lstrip().partition("\n")
        code = rest if read_fence(first) is not None else text
        return begins_wrapped(code, self.original, self.language)

    def form(self, begun: str, *, ended: bool) -> Form | None:
        """The form that the beginning shows; None while it is not certain.

        `ended`: no more will come. A result is final, whatever follows.
        """
        if self.language in MARKDOWN | DIFF_INFO_STRINGS:
            return self.requested
        text = unify(begun if ended else begun.removesuffix("\r"))
        *lines, last = text.split("\n")
        opened, words = False, 0
        for index, line in enumerate(lines):
            fence = read_fence(line)
            if fence is not None and not opened:
                if fence.info.lower() in DIFF_INFO_STRINGS:
                    return Form.PATCH
                opened = True
            elif line.strip():
                following = lines[index + 1] if index + 1 < len(lines) else None
                if self._is_diff(line, following):
                    return Form.PATCH
                if following is None and line.startswith("--- ") and not ended:
                    return None
                words += 1
                if opened or line.strip() in self._known or words > _MOST_WORDS:
                    return self.requested
        if not ended and (not opened or _may_begin(last, opened)):
            return None
        if ended and self._is_diff(last, None):
            return Form.PATCH
        return self.requested

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(line.strip() for line in self.original.split("\n"))

    def _is_diff(self, line: str, following: str | None) -> bool:
        """Whether a line begins a diff and is not a line of the scope."""
        if line.strip() in self._known:
            return False
        if line.startswith("--- "):
            return following is not None and following.startswith("+++ ")
        return begins_diff(line)


def _may_begin(line: str, opened: bool) -> bool:
    """Whether an unfinished line may become a fence or the beginning of a diff."""
    if not line.strip():
        return True
    if not opened and line.lstrip()[:1] in ("`", "~"):
        return True
    return any(
        begin.startswith(line) or line.startswith(begin)
        for begin in (*DIFF_BEGINNINGS, "--- ", "------- SEARCH")
    )
