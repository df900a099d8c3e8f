"""How a line begins in a language without a grammar, and what that means for its neighbours.

Many languages end a block with `end`, `fi`, `#endif`, `{% endif %}`, `</div>` or a bracket, and
continue one with `else` or `catch`. The words are few and mostly the same everywhere, so one table
has them, whatever mark they have. Reads one line at a time; `line_blocks.py` decides what belongs
together.
"""

import re
from dataclasses import dataclass

__all__ = ["ANY", "LineHead", "follows", "head_of"]

_MOST = 400
"""The most code points of a line that are read."""

_LEAD = re.compile(
    r"""(?P<mark> \{%[-+~]? | \{\{\{?[-~]? | <%[-_=]? | <\?(?:php\b|=)? | </?\#
        | \{(?=[\#:/@A-Za-z]) | \#\+?(?=\w) | @ | `(?=\w) | %(?=\s) | -(?=\s) | \\ )?
        \s* (?P<sigil>[\#/:^~]?) (?P<word>(?:[A-Za-z_]\w*)?)""",
    re.VERBOSE,
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`")
_TAG = re.compile(r"<(/?)([A-Za-z_][\w.:-]*)([^<]*)")
_BEGIN = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}")
_CONFLICT = re.compile(r"(<{7}|>{7})(?: |$)")


def _words(words: str) -> frozenset[str]:
    """A set of words, given with blanks between them."""
    return frozenset(words.split())


_ASSIGNED = re.compile(r"\s*(?:[-+*/.|&]?=(?!=)|\[|::)")
_UNDERLINE = re.compile(r"([=~^\"'#*+])\1{2,}|-{4,}")
_LED = re.compile(r"\|>|\|\||&&|\?\.|\?:|\?\?|>>=|<\|>|<>|=>|->|,(?= )")
_CALL = re.compile(r"\??\.[a-z]\w*\((?!\)\s*\{)(?!@)")
_ADORNS = re.compile(
    r"@(?!end|start|else|if|for|while|switch|case|section)[A-Za-z_][\w.:]*(?:\([^()]*\))?"
    r"|\[<.*>\]|\[[A-Za-z][\w.]*\(.*\)\]|#!?\[.*\]"
)
_COMMENT = re.compile(r"//|/\*|\*|#(?!\w)|--|;|%(?!\s*\w+\s)|<!--|\(\*|\{-|'|REM\b", re.IGNORECASE)
_ALONE = re.compile(r"(?:\{|begin|then|do|is|of|loop|in|where)(?:\s+(?://|#|--|/\*|%).*)?", re.I)

ANY: frozenset[str] = frozenset()
"""What a bare `end` closes: any open block."""

_IF = frozenset({"if", "unless"})
_ELSE = _IF | _words(
    """await begin case catch do each elif else elseif elsif except for foreach forelse guard loop
    match receive rescue select switch try until while with"""
)
_TRY = _words("await begin catch def defp do except func fun function rescue try")
_ROUTINE = _words(
    """architecture block constructor create declare destructor for else function if initial
    package procedure process program task trigger while with always var"""
)
_FOLLOWS = {
    **dict.fromkeys(("else", "elif", "elsif", "elseif", "elsifx"), _ELSE),
    **dict.fromkeys(("catch", "finally", "except", "rescue", "ensure"), _TRY),
    "after": frozenset({"receive", "try"}),
    "empty": frozenset({"for", "foreach", "forelse"}),
    "exception": frozenset({"begin", "declare", "function", "procedure", "package"}),
    "otherwise": frozenset({"evaluate", "switch", "select"}),
    "then": _IF | frozenset({"await", "elif", "elseif", "elsif"}),
    "in": frozenset({"let", "for"}),
    "of": frozenset({"case"}),
    "with": frozenset({"match", "try"}),
    "when": frozenset({"def", "defp", "defmacro", "defguard", "fn", "exception"}),
    "begin": _ROUTINE,
    **dict.fromkeys(("var", "const", "label"), frozenset({"function", "procedure"})),
}
"""For each word that continues a block: the words that such a block can begin with."""

_ENDS = {
    "fi": _IF,
    "esac": frozenset({"case"}),
    "done": frozenset({"for", "while", "until", "select"}),
    "od": frozenset({"do", "for", "while"}),
    "wend": frozenset({"while"}),
    "next": frozenset({"for"}),
    "loop": frozenset({"do"}),
    "until": frozenset({"repeat", "do"}),
    "endef": frozenset({"define"}),
    "stop": frozenset({"section"}),
    "show": frozenset({"section"}),
}
_BLOCKS = _words(
    """block call case class def do enum each file for foreach forelse function generate group if
    ifdef ifeq ifndef ifneq interface let loop macro method module namespace package procedure
    process program property region repeat section select sequence specify struct sub subroutine
    switch synchronized table task template testset traverse try type unless until verbatim while
    with select_case autoescape spaceless component slot push once auth guest isset empty"""
)
"""What may follow `end` in `endX` and `end X`. Without this list `endpoint` would close a block."""

MEMBERS = frozenset({"case", "default", "when", "otherwise", "else", "elseif", "elsif"})
"""Parts of a block that extend to the next part. A bare `end` never closes one of them."""

OPENERS = _words(
    """abstract architecture begin block case class contract def define defmodule do entity enum
    for foreach fun function if implementation interface let library loop macro match method module
    namespace package procedure process program property protocol quote range receive repeat
    select struct sub subroutine switch task template try type unless until while with"""
)
"""Words that begin a block which a bare `end` closes."""

_VERBS = _words(
    """alter create delete drop explain grant insert merge replace revoke select truncate update
    with"""
)
_CLAUSES = _words(
    """as column add database from function group having index inner into join left limit
    materialized offset on order outer procedure references returning right schema set sequence
    table trigger type union unique using user values view where"""
)
"""Words which show that a line with a verb is SQL: in that line, or at the start of the next."""


@dataclass(frozen=True, slots=True)
class LineHead:
    """What one line says about its block."""

    text: str
    """The line without white space at its ends."""
    mark: str
    """What marks the first word: `{%`, `@`, `#`; "" for none."""
    word: str
    """The first word in lower case; "" if the line does not begin with a word."""
    rest: str
    """The text after that word."""
    closing: bool
    """Whether a slash marks the end of what it names: `{{/if}}`."""
    words: frozenset[str]
    """All words of the line in lower case."""
    balance: int
    """Opened brackets minus closed brackets, without those in strings."""
    opened: tuple[str, ...]
    """Tags and environments that the line opens and does not close."""
    closed: str
    """The tag or environment that is closed at the start of the line; "" for none."""

    @property
    def bare(self) -> str:
        """The line without the mark at its beginning."""
        if self.mark not in ("<%", "<?"):
            return self.text
        return self.text.removeprefix("<?php").removeprefix(self.mark).lstrip(" -_=")

    @property
    def is_comment(self) -> bool:
        return _COMMENT.match(self.text) is not None

    @property
    def adorns(self) -> bool:
        """Whether the line is only an annotation of the line below it."""
        return _ADORNS.fullmatch(self.text) is not None

    @property
    def underlines(self) -> bool:
        """Whether the line only underlines the one above."""
        return _UNDERLINE.fullmatch(self.text) is not None

    @property
    def led(self) -> bool:
        """Whether the line begins with an operator whose left side is on the line above."""
        return _LED.match(self.text) is not None

    @property
    def is_call(self) -> bool:
        """Whether the line calls a member of the expression that ends above: `.padding()`."""
        return _CALL.match(self.text) is not None and not self.text.endswith(";")

    @property
    def alone(self) -> bool:
        """Whether the line only opens the block of the line above: `{`, `begin`, `then`."""
        return _ALONE.fullmatch(self.text) is not None

    @property
    def is_label(self) -> bool:
        """Whether the line is only one word, perhaps with a colon."""
        return bool(self.word) and not self.mark and self.rest.strip() in ("", ":")

    @property
    def assigned(self) -> bool:
        """Whether the first word is a name that is assigned a value, or similar."""
        return not self.mark and _ASSIGNED.match(self.rest) is not None

    @property
    def reopens(self) -> bool:
        """Whether the line ends one part and begins another: `} else {`, `end else begin`."""
        return self.balance > 0 or bool(self.words & {"else", "elsif", "elseif", "catch", "rescue"})

    @property
    def ends(self) -> frozenset[str] | None:
        """The words that the block which this line ends can begin with; `ANY`; None if it ends
        none."""
        word = self.word
        if self.closing:
            return frozenset({word})
        if not word or self.assigned:
            return None
        if self.rest.strip().upper() == "END":
            return frozenset({word})
        if word == "end":
            if self.rest.lstrip()[:1] in ("(", ":", "{"):
                return None
            named = _WORD.search(self.rest.split("--")[0].split("#")[0])
            return ANY if named is None else frozenset({named[0].lower()})
        if word in _ENDS:
            return _ENDS[word]
        if word.startswith("end_"):
            return frozenset({f"begin_{word[4:]}"})
        if word.startswith("end"):
            name = word[3:]
            return frozenset({name}) if self.mark or name in _BLOCKS else None
        return None

    @property
    def is_sql(self) -> bool:
        """Whether the line may begin an SQL statement: `verbs` is true of its first word."""
        first = self.text[: len(self.word)]
        return not self.mark and self.word in _VERBS and (first.isupper() or first.islower())

    def is_clause(self, *, at_start: bool) -> bool:
        """Whether the line contains a word that begins an SQL clause, or starts with one."""
        return self.word in _CLAUSES if at_start else bool(self.words & _CLAUSES)


def head_of(line: str) -> LineHead:
    """Read a line. Costs as much as its first 400 code points."""
    text = line.strip().lstrip("\ufeff")
    seen = text[:_MOST]
    lead = _LEAD.match(seen)
    mark = "" if lead is None else (lead["mark"] or "")
    sigil = "" if lead is None else lead["sigil"]
    plain = _QUOTED.sub("''", seen)
    balance = sum(map(plain.count, "([{")) - sum(map(plain.count, ")]}"))
    opened, closed = _pairs(seen)
    closing = (sigil == "/" and mark[:1] in ("{", "<")) or mark.startswith("</")
    return LineHead(
        text,
        mark.replace("/", "").rstrip("-+~_=")[:2] or mark[:1],
        "" if lead is None else lead["word"].lower(),
        "" if lead is None else seen[lead.end() :],
        closing,
        frozenset(word.lower() for word in _WORD.findall(seen)),
        balance,
        opened,
        closed,
    )


def _pairs(text: str) -> tuple[tuple[str, ...], str]:
    """The tags, environments and conflicts that are open at the line's end, and what it closes."""
    opened: list[str] = []
    closed = ""
    for slash, name, rest in _TAG.findall(text) if "<" in text else ():
        if not slash:
            if "/>" not in rest:
                opened.append(f"<{name}")
        elif f"<{name}" in opened:
            del opened[len(opened) - 1 - opened[::-1].index(f"<{name}") :]
        elif text.startswith("</"):
            closed = closed or f"<{name}"
    for which, name in _BEGIN.findall(text) if "\\" in text else ():
        if which == "begin":
            opened.append(f"\\{name}")
        elif f"\\{name}" in opened:
            opened.remove(f"\\{name}")
        else:
            closed = closed or f"\\{name}"
    conflict = _CONFLICT.match(text)
    if conflict is not None:
        return (("<<<<<<<",), "") if text[0] == "<" else ((), "<<<<<<<")
    return tuple(opened), closed


def follows(head: LineHead, words: frozenset[str] | set[str]) -> bool:
    """Whether the line continues a block that has these words."""
    if head.assigned:
        return False
    wanted = _FOLLOWS.get(head.word)
    if wanted is None:
        return False
    if not wanted.isdisjoint(words):
        return True
    return wanted >= _IF and any(word.startswith("if") for word in words)
