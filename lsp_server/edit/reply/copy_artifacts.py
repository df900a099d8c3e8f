"""Removes what code picks up when it is copied from somewhere other than its file.

`FileName`: the file name above the code. `LineNumbers`: numbers before the lines. `Prompts`:
prompts of an interpreter or a shell. `Escapes`: HTML escapes. `CurlyQuotes`: typographic quotes
instead of straight ones.

Each of them is recognised by something that code never has. It is held until it is certain, and
left alone where the document has the same. Knows no grammar.
"""

import html
import re
from abc import abstractmethod

from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.open_literal import OpenLiteral
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import BLANKS, PROSE, ReplyContext, is_blank

_SUFFIXES = (
    r"(?:py|pyi|js|mjs|cjs|jsx|ts|tsx|go|rs|rb|java|kt|kts|swift|scala|dart|c|h|cc|cpp|cxx|hh|hpp|cs"
    r"|php|lua|ex|exs|erl|hs|ml|jl|r|sql|sh|bash|zsh|ps1|pl|zig|nix|tf|vue|svelte|html|css|scss|less"
    r"|json|jsonc|yaml|yml|toml|xml|graphql|proto|md|mdx)"
)
_PATH = rf"(?:[\w@.~+-]*[/\\])*[\w@.+\[\]-]+\.{_SUFFIXES}"
_NAMED = rf"(?:(?:[Ff]ile(?:name|[ -]?path)?|[Pp]ath):\s*)?[`*\"]{{0,3}}{_PATH}[`*\"]{{0,3}}:?"
_FILE_NAME = re.compile(_NAMED)
_COMMENTED = re.compile(rf"(?:#|//|--|/\*+|<!--|;+|%)\s*{_NAMED}\s*(?:\*/|-->)?")
_LONGEST_NAME = 200


class FileName(LineFilter):
    """Drops a first line that only names a file, if other lines follow it."""

    def __init__(self, context: ReplyContext, language: str) -> None:
        super().__init__()
        self._nearby_text = f"{context.before}\n{context.original}\n{context.after}"
        # At the beginning of a file the comment may be what the user wants.
        self._patterns = (_FILE_NAME, _COMMENTED) if context.before.strip() else (_FILE_NAME,)
        self._decided = language in PROSE
        self._name: str | None = None

    def _line_grew(self, beginning: str) -> None:
        text = beginning.strip()
        if self._decided or len(text) > _LONGEST_NAME or (text and not self._may_name(text)):
            self._decided = True
            self._flow(beginning)

    def _may_name(self, text: str) -> bool:
        return " " not in text or text[0] in "#/-<;%FfPp"

    def _line_undecided(self, line: str) -> None:
        text = line.strip()
        if self._decided or (text and (self._name is not None or not self._names(text))):
            self._decided = True
            self._put(line)
        elif text:
            self._name = line
            self.repairs.add(Repair.FILE_NAME)
        elif self._name is None:
            self._put(line)

    def _names(self, text: str) -> bool:
        known = text in self._nearby_text
        return not known and any(pattern.fullmatch(text) for pattern in self._patterns)

    def _text_ended(self) -> None:
        if self._name is not None and not self._decided:
            self.repairs.discard(Repair.FILE_NAME)
            self._put(self._name)


class CopyArtifacts(LineFilter):
    """Removes an artifact from every line once the first lines show that the answer has it."""

    kind: Repair

    def __init__(self) -> None:
        super().__init__()
        self._present: bool | None = None  # None: not known yet
        self._held: list[str] = []

    @abstractmethod
    def _judge(self, line: str) -> bool | None:
        """Whether the answer has the artifact, by its next non-blank line; None: unknown."""

    @abstractmethod
    def _without_artifact(self, line: str) -> str:
        """The line without the artifact."""

    @abstractmethod
    def _may_have_artifact(self, beginning: str) -> bool:
        """Whether a line with this beginning may have to be changed."""

    def _present_in_one_line(self) -> bool:
        """Whether an answer that ended before a second line could show it has the artifact."""
        return False

    def _line_grew(self, beginning: str) -> None:
        if self._present is None and beginning.strip() and not self._may_have_artifact(beginning):
            self._decide(present=False)
        if self._present is False or (self._present and not self._may_have_artifact(beginning)):
            self._flow(beginning)

    def _beginning_too_long(self, beginning: str) -> None:
        if self._present is None:
            self._decide(present=False)
        self._flow(self._without_artifact(beginning) if self._present else beginning)

    def _line_undecided(self, line: str) -> None:
        if self._present is not None:
            self._put(self._without_artifact(line) if self._present else line)
            return
        self._held.append(line)
        present = None if is_blank(line) else self._judge(line)
        if present is not None:
            self._decide(present=present)

    def _text_ended(self) -> None:
        if self._present is None:
            self._decide(present=self._present_in_one_line())

    def _decide(self, *, present: bool) -> None:
        self._present = present
        if present:
            self.repairs.add(self.kind)
        held, self._held = self._held, []
        for line in held:
            self._put(self._without_artifact(line) if present else line)


_NUMBER = re.compile(r"[ \t]*(\d{1,6})(?:[ \t]?[|:](?: |$)|[ \t]?[│┃] ?|→|[.)\]](?: |$)|\t| |$)")


class LineNumbers(CopyArtifacts):
    """Removes numbers as in `10 def f():`, `10 | def f():`, `10: def f():`.

    Two lines in a row are needed, or an answer of a single line.
    """

    kind = Repair.LINE_NUMBERS

    def __init__(self, context: ReplyContext) -> None:
        super().__init__()
        self._last: int | None = None
        near = (*context.lines, *context.lines_before, *context.lines_after)
        if any(_NUMBER.match(line) for line in near):
            self._present = False

    def _judge(self, line: str) -> bool | None:
        found = _NUMBER.match(line)
        if found is None:
            return False
        last, self._last = self._last, int(found[1])
        return None if last is None else self._last == last + 1

    def _without_artifact(self, line: str) -> str:
        found = _NUMBER.match(line)
        return line[found.end() :] if found else line

    def _present_in_one_line(self) -> bool:
        return self._last is not None and any(
            self._without_artifact(line).strip() for line in self._held
        )

    def _may_have_artifact(self, beginning: str) -> bool:
        return beginning.lstrip(BLANKS)[:1].isdigit() or not beginning.strip()


_PROMPTS = {
    "python": (re.compile(r"[ \t]*>>> "), re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")),
    "shellscript": (re.compile(r"[ \t]*\$ "), re.compile(r"[ \t]*[$>] ")),
    "ruby": (re.compile(r"irb\([^)]*\)[>*] "), re.compile(r"irb\([^)]*\)[>*] ")),
}


class Prompts(CopyArtifacts):
    """Removes `>>> ` and the `... ` below it, and `$ ` of a shell; the first line decides."""

    kind = Repair.PROMPTS

    def __init__(self, context: ReplyContext, language: str) -> None:
        super().__init__()
        first, prompt = _PROMPTS.get(language, (None, None))
        self._first: re.Pattern[str] | None = first
        self._prompt: re.Pattern[str] | None = prompt
        near = (*context.lines, *context.lines_before, *context.lines_after)
        if self._prompt is None or any(self._prompt.match(line) for line in near):
            self._present = False

    def _judge(self, line: str) -> bool | None:
        return self._first is not None and self._first.match(line) is not None

    def _without_artifact(self, line: str) -> str:
        found = self._prompt.match(line) if self._prompt is not None else None
        return line[found.end() :] if found else line

    def _may_have_artifact(self, beginning: str) -> bool:
        return beginning.lstrip(BLANKS)[:1] in ("", ">", "$", ".", "i")


_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|#0?39|#x27|#34);")
_MARKS = re.compile(r"[<>&\n]")
_BEGINS_ENTITY = re.compile(r"&[a-z#0-9]{0,4}")
_QUOTES = "\"'`"


class Escapes:
    """Unescapes HTML, as in `a &lt; b &amp;&amp; c`.

    The first mark outside of a string decides: an escape means that everything is escaped, a raw
    character means that nothing is.
    """

    def __init__(self, context: ReplyContext, language: str) -> None:
        near = context.before + context.original + context.after
        marked = _ENTITY.search(near) is not None or "</" in near
        self._present = False if marked or language in PROSE - {"plaintext"} else None
        self._held = ""
        self._line = ""  # the part of the line that has been examined
        self.repairs: set[Repair] = set()

    def push(self, text: str) -> str:
        """Take the next piece; return the text that is certain."""
        if self._present is False:
            return text
        self._held += text
        return self._look() if self._present is None else self._convert()

    def end(self, sure: bool, line_ended: bool) -> str:
        """End the text; at a cut, what is held is dropped."""
        held, self._held = self._held, ""
        return held if sure else ""

    def _look(self) -> str:
        """Look for a mark that decides. The text before the first escape is certain."""
        passed, place = None, 0
        while (found := _MARKS.search(self._held, place)) is not None:
            at = found.start()
            if found[0] == "\n":
                self._line, place = "", at + 1
                continue
            before = self._line + self._held[self._held.rfind("\n", 0, at) + 1 : at]
            entity = _ENTITY.match(self._held, at)
            if entity is None:
                if _BEGINS_ENTITY.fullmatch(self._held, at) is None:
                    self._present = False
                    return self._give(len(self._held))
                passed = at if passed is None else passed
                return self._give(passed)
            if not any(before.count(quote) % 2 for quote in _QUOTES):
                self._present = True
                self.repairs.add(Repair.ESCAPES)
                return self._convert()
            passed, place = at if passed is None else passed, entity.end()
        return self._give(len(self._held) if passed is None else passed)

    def _give(self, end: int) -> str:
        given, self._held = self._held[:end], self._held[end:]
        self._line = (self._line + given)[(self._line + given).rfind("\n") + 1 :]
        return given

    def _convert(self) -> str:
        tail = self._held.rfind("&")
        end = len(self._held)
        if tail >= 0 and _BEGINS_ENTITY.fullmatch(self._held, tail) is not None:
            end = tail
        given, self._held = self._held[:end], self._held[end:]
        return _ENTITY.sub(lambda found: html.unescape(found[0]), given)


_STRAIGHT = {"“": '"', "„": '"', "‘": "'"}
_CLOSES = {"“": "”", "„": "“”", "‘": "’"}
_COMMENTS = ("#", "//", "--", "/*", "%", "<!--", ";;")
_BEFORE_TEXT = "([{=,:+!?<>&|"
_WORDS = "return case in import from print echo puts require include when"
_WORDS_BEFORE_TEXT = frozenset(_WORDS.split())


class CurlyQuotes:
    """Replaces typographic quotes around strings with straight ones.

    It does not touch comments, strings and multi-line literals. A string is held until its end.
    """

    def __init__(self, context: ReplyContext, language: str) -> None:
        near = context.before + context.original + context.after
        off = language in PROSE - {"plaintext"} or any(mark in near for mark in _STRAIGHT)
        self._off = off or context.cuts_text or "</" in context.original
        self._text = OpenLiteral()
        self._line = ""  # the part of the line that has been passed on
        self._held = ""  # the text from an opening quote on
        self.repairs: set[Repair] = set()

    def push(self, text: str) -> str:
        """Take the next piece; return the text that is certain."""
        if self._off:
            return text
        return "".join(map(self._character, text))

    def end(self, sure: bool, line_ended: bool) -> str:
        """End the text; at a cut, what is held is dropped."""
        held, self._held = self._held, ""
        return held if sure else ""

    def _character(self, character: str) -> str:
        if character == "\n":
            given, self._held = self._held + character, ""
            self._text.take(self._line)
            self._line = ""
            return given
        if not self._held and not (character in _STRAIGHT and self._in_code()):
            self._line += character
            return character
        self._held += character
        if character not in _CLOSES[self._held[0]] or len(self._held) == 1:
            return ""
        mark, inner = _STRAIGHT[self._held[0]], self._held[1:-1]
        if mark not in inner:
            self._held = f"{mark}{inner}{mark}"
            self.repairs.add(Repair.QUOTES)
        given, self._held = self._held, ""
        self._line += given
        return given

    def _in_code(self) -> bool:
        """Whether a string may begin after the text of the line so far."""
        line = self._line.rstrip()
        if self._text.open or any(line.count(quote) % 2 for quote in _QUOTES):
            return False
        if any(mark in line for mark in _COMMENTS) or line.lstrip().startswith("*"):
            return False
        return line[-1:] in _BEFORE_TEXT or line.split()[-1] in _WORDS_BEFORE_TEXT
