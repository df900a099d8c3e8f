"""Recognises text around an answer that is never part of it: pieces of the request, end tokens.

Small models repeat the request that they answer: its headings, the name of the language on a line
of its own, or tags like those of earlier requests. Some servers leave the tokens of their template
in the text, such as the end of the model's turn. A piece does not count if the file itself has it.
Knows nothing about blocks or the meaning of lines.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from lsp_server.edit.reply.fence import LANGUAGE_NAMES
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import BLANKS, ReplyContext

_TAG = re.compile(r"<(/?)([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8}>")
_TAG_BEGINNING = re.compile(r"(?:<(?:/?(?:[a-z_]+(?:-[a-z0-9]*)*)?)?|<[/a-z0-9_-]+>\s*)?")
_SCOPE = "scope"
# Tags that models put around an answer, if the file has no tags.
_WRAPPER = re.compile(
    r"<(/?)(code|answer|final_answer|result|solution|output|replacement|rewrite|file"
    r"|(?:new|updated|rewritten|edited|modified)_code)(?: [^<>]*)?>"
)
# Tags that models put around prose about the answer.
_ABOUT = re.compile(
    r"<(/?)(?:explanations?|reason|rationale|justification|notes?|changes|commentary)>"
)
# The beginning of the line above the scope in the request.
_ABOVE_SCOPE = "Selected code in "
# The beginnings of the headings of other sections. Only above a block are they known to be
# headings.
_ABOVE_OTHERS = (
    "File ",
    "The project's rules",
    "Changed since then",
    "The lines above the selected code",
    "The lines below the selected code",
    "The selected code is in",
    "The file imports",
    "The file also declares",
    "Defined elsewhere in the file",
    "Also open in the editor is",
    "The selected code is used in",
    "The selected code uses this, defined in",
    "The user points to",
    "The user now also points to",
    "The user selected this part of it",
    "The user's cursor is in this line of it",
    "Problems that the editor shows there",
    "What stands there now",
    "The user typed this there meanwhile",
    "The user changed these lines while they were being rewritten",
    "The user has accepted these parts already",
    "Earlier instructions, oldest first",
)
# The beginnings of lines that only a request has: these lines are dropped within code, too.
_ONLY_OURS = (
    _ABOVE_SCOPE,
    "What stands there now, partly rewritten already",
    "Change the selected code: ",
    "Answer with the whole selected code",
    "Answer with a unified diff of the selected code",
    "Answer with only the definitions of the selected code",
    "The rewriting stopped in its line ",
    "You edit code. Answer with one fenced code block that holds ",
)
# The heading of a file in a request ends an answer. Other headings that begin like it may be text
# above code.
_FILE = re.compile(r'File "[^"]*"(?:, from line \d+ on)?:')
# In code points: a token, and what may follow it on its line.
_LONGEST_TOKEN = 32
_MOST_LOOKED_AT = 4 * _LONGEST_TOKEN
_PIPED = re.compile(r"<[|｜][\w▁]{1,28}[|｜]>")
_PIPED_BEGINNING = re.compile(r"<(?:[|｜](?:[\w▁]{1,28}(?:[|｜])?)?)?")
_NAMED = (
    *("</s>", "<eos>", "<EOS>", "<EOT>", "<eom>", "<turn|>", "<end_of_turn>"),
    *("<end_of_utterance>", "[/INST]", "[EOS]"),
)
# Tokens that open or continue a turn, or surround reasoning.
_GOES_ON = frozenset(
    {"channel", "message", "start", "constrain", "begin_of_thought", "end_of_thought"}
)
_OPENS_TOKEN = re.compile(r"[<\[]")


class RequestSection(Enum):
    """The part of the request that a tag or a heading belongs to."""

    SCOPE = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Tag:
    """A line that consists of a tag of the request."""

    section: RequestSection
    closes: bool


class RequestFragments:
    """Recognises the remains of the request in a reply for one scope."""

    def __init__(self, context: ReplyContext) -> None:
        self._nearby_text = f"{context.before}\n{context.original}\n{context.after}"
        self.wrapped = ""  # the name of the open tag around the answer

    def _is_not_in_file(self, line: str) -> bool:
        """Whether the known part of the file does not have the text."""
        return line not in self._nearby_text

    def tag(self, line: str) -> Tag | None:
        """The tag of the request on this line, or None."""
        found = _TAG.fullmatch(line.strip())
        if found is None or not self._is_not_in_file(line.strip()):
            return None
        section = RequestSection.SCOPE if found[2] == _SCOPE else RequestSection.OTHER
        return Tag(section, bool(found[1]))

    def wrapper(self, line: str) -> Tag | None:
        """The tag around an answer on this line, or None; it closes only if such a tag is open."""
        found = _WRAPPER.fullmatch(line.strip())
        if found is None or "</" in self._nearby_text or (found[1] and found[2] != self.wrapped):
            return None
        self.wrapped = "" if found[1] else found[2]
        return Tag(RequestSection.SCOPE, bool(found[1]))

    def prose_tag(self, line: str) -> Tag | None:
        """The tag around prose about the answer on this line; None if the file has tags."""
        found = _ABOUT.fullmatch(line.strip())
        if found is None or "</" in self._nearby_text:
            return None
        return Tag(RequestSection.OTHER, bool(found[1]))

    def heading(self, line: str) -> RequestSection | None:
        """The section of a request below this heading; None if the line is no heading."""
        text = line.strip()
        if not text.endswith(":") or not self._is_not_in_file(text):
            return None
        if text.startswith(_ABOVE_SCOPE):
            return RequestSection.SCOPE
        return RequestSection.OTHER if text.startswith(_ABOVE_OTHERS) else None

    def ends_answer(self, line: str) -> bool:
        """Whether the line, after code, begins another section of a repeated request."""
        text = line.strip()
        if self.heading(text) is not RequestSection.OTHER:
            return False
        return not text.startswith("File ") or _FILE.fullmatch(text) is not None

    def is_dropped(self, line: str) -> bool:
        """Whether a line within code is surely a piece of the request."""
        text = line.strip()
        return text.startswith(_ONLY_OURS) and self._is_not_in_file(text)

    def may_be(self, beginning: str) -> bool:
        """Whether a line with this beginning could still be a tag, or a piece that is dropped."""
        text = beginning.lstrip(BLANKS)
        if text[:1] == "<":
            return _TAG_BEGINNING.fullmatch(text) is not None
        return any(piece.startswith(text) or text.startswith(piece) for piece in _ONLY_OURS)

    def may_be_heading(self, beginning: str) -> bool:
        """Whether a line with this beginning could still be a heading."""
        pieces = (_ABOVE_SCOPE, *_ABOVE_OTHERS)
        return any(beginning.startswith(piece) or piece.startswith(beginning) for piece in pieces)

    def is_language(self, line: str) -> bool:
        """Whether the line has nothing but the name of a language, as in an info string."""
        return line.strip().lower() in LANGUAGE_NAMES and line == line.lstrip()

    def may_be_language(self, beginning: str) -> bool:
        """Whether a line with this beginning could still be the name of a language."""
        text = beginning.rstrip().lower()
        return bool(text) and any(name.startswith(text) for name in LANGUAGE_NAMES)


class Turn:
    """Cuts the text after the model's own turn: a token that ends the turn is removed.

    A token counts only if nothing follows it on its line and the file does not have it. Text after
    it is not the model's answer any more. At most a token and white space are held.
    """

    def __init__(self, context: ReplyContext) -> None:
        self._nearby_text = f"{context.before}\n{context.original}\n{context.after}"
        self._held = ""
        self._saw_s_tag = False  # `<s>` or the like has come, and `</s>` may close it
        self._turn_is_over = False
        self.repairs: set[Repair] = set()

    def push(self, text: str) -> str:
        """Take the next piece; return the text that surely belongs to the answer."""
        if self._turn_is_over:
            return ""
        if not self._held and _OPENS_TOKEN.search(text) is None:
            return text
        text, self._held = self._held + text, ""
        end = self._end_in(text)
        self._saw_s_tag = self._saw_s_tag or "<s" in text[:end]
        return text[:end]

    def end(self, completed: bool) -> str:
        """End the reply. If it was cut, the held text is dropped."""
        held, self._held = self._held, ""
        token = self._token(held)
        ends = token is not None and not held[len(token) :].strip(BLANKS)
        if ends:
            self.repairs.add(Repair.TOKENS)
        return held if completed and not ends else ""

    def _end_in(self, text: str) -> int:
        """The index at which the answer's text ends. Sets the held text, or the end of the turn."""
        s_tag = text.find("<s")
        found = _OPENS_TOKEN.search(text)
        while found is not None:
            place = found.start()
            self._saw_s_tag = self._saw_s_tag or 0 <= s_tag < place
            near = text[place : place + _MOST_LOOKED_AT]
            token = self._token(near)
            after = near[len(token or "") :].lstrip(BLANKS)
            blanks = len(near) - len(token or "") - len(after)
            reached = place + len(near) == len(text)
            if token is not None and blanks <= _LONGEST_TOKEN:
                if after[:1] == "\n" or self._token(after) is not None:
                    self._turn_is_over = True
                    self.repairs.add(Repair.TOKENS)
                    return place
                waits = reached and (not after or self._may_be(after))
            else:
                waits = reached and self._may_be(near)
            if waits:
                self._held = text[place:]
                return place
            found = _OPENS_TOKEN.search(text, place + 1)
        return len(text)

    def _token(self, text: str) -> str | None:
        """The token at the beginning of the text, unless the file has it."""
        piped = _PIPED.match(text)
        if piped and piped[0].strip("<>|｜") in _GOES_ON:
            return None
        token = piped[0] if piped else next((t for t in _NAMED if text.startswith(t)), None)
        if token is None or token in self._nearby_text or (self._saw_s_tag and token == _NAMED[0]):
            return None
        return token

    def _may_be(self, tail: str) -> bool:
        piped = _PIPED_BEGINNING.fullmatch(tail) is not None
        return piped or any(token.startswith(tail) for token in _NAMED)
