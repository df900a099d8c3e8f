"""Detects runaway answers: longer than the scope can need, the same lines over and over, or long
prose instead of code.

Judges the raw text as it comes. Repetition that the scope has as well, or that the instruction asks
for by a number, is never a runaway. Pure; the cost of each line is bounded.
"""

import re
from collections import deque
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from lsp_server.edit.reply.prose import is_sentence
from lsp_server.session.request import EditRequest
from lsp_server.wording import REDIRECT

# How many code points an answer may have: a constant, plus a multiple of those of the scope and of
# the instruction. A token of code is about four code points.
_FOR_ALL, _PER_SCOPE, _PER_INSTRUCTION = 8_000, 3, 4
# More for lines whose form is new, and for every line if the scope is empty and so says nothing
# about the wanted size. A runaway model seldom writes anything new.
_FOR_NEW, _NEW_COSTS = 16_000, 4
# A token has at least this many bytes of UTF-8, on average over an answer.
_BYTES_OF_TOKEN = 3
# A profile's own limit counts tokens; a token holds at most this many code points.
_LONGEST_TOKEN = 8
# More for each thing that the instruction gives a number of, and for each stub in the scope.
_PER_THING, _PER_STUB = 80, 1_000

# The longest detected cycle of lines; how often it must repeat, and how many lines it must fill.
_LONGEST_CYCLE = 64
_REPEATS, _LINES = 6, 96
# This many code points of sentences (of code: `_CODE_FACTOR` times as many) count like `_LINES`,
# since a paragraph is one line.
_REPEATED, _CODE_FACTOR = 1_500, 3
# Within a line: this many code points at its end repeat with a period of at most this many.
_TAIL, _LONGEST_PERIOD = 4_000, 400
_CHECK_EVERY = 1_000

# How many code points of prose may come without code, and how many more for each of the scope.
_WORDS, _WORDS_OF_SCOPE = 3_000, 2

_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:(?=[x\u00d7]\d)|(?!\.?\w))|(?<=\d[x\u00d7])\d{1,3}\b")
_THINGS = re.compile(r"(?<![\w.,])(\d,?\d{3})(?= (?:[a-z-]+ )?[a-z]+s\b)")
_IN_WORDS = re.compile(r"\b(dozen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)")
_SIZES = {"dozen": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_SIZES |= {"seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
_MOST_THINGS = 1_000
_STUB = re.compile(
    r"^[ \t]*(?:pass|\.\.\.|raise NotImplementedError.*)[ \t]*$|\{[ \t]*\}|\b(?:TODO|FIXME)\b"
    r"|\b(?:todo|unimplemented)!\(|(?i:not (?:yet )?implemented)",
    re.M,
)
_DIGITS = re.compile(r"\d+")


class Excess(Enum):
    """How an answer has run away."""

    LENGTH = auto()
    REPEATS = auto()
    WORDS = auto()
    TALK = auto()


RUNS_ON = (
    "The answer was much longer than code of this size needs, so it was stopped. What you "
    "see stays. Ask for less at a time, or select more code."
)
REPEATS = (
    f"The model repeated the same lines, so it was stopped. What you see stays. {REDIRECT} "
    "to ask again, or choose another model."
)
WORDS = (
    "The model wrote a long text without code, so it was stopped. Your code stays as it "
    f"is. {REDIRECT} to ask again, or choose another model."
)
TALK = (
    "The model wrote a long text after its code, so it was stopped. What you see stays. "
    f"{REDIRECT} to ask again, or choose another model."
)
SENTENCES: Mapping[Excess, str] = MappingProxyType(
    {Excess.LENGTH: RUNS_ON, Excess.REPEATS: REPEATS, Excess.WORDS: WORDS, Excess.TALK: TALK}
)


class Runaway:
    """Watches one answer."""

    def __init__(self, request: EditRequest) -> None:
        self._scope = max(request.original, request.current, key=len)
        self._count = _count_in(request.instruction)
        self._most_left = most_for(self._scope, request.instruction, self._count)
        self._most_new_left = _FOR_NEW if self._scope.strip() else 0
        self._most_left -= self._most_new_left
        self._seen_forms: set[int] = set()
        self._thinks = False
        self._cycles = Cycles()
        self._cycle_lines_of_scope: dict[int, int] = {}  # by length of the cycle
        self._line: list[str] = []
        self._length = 0  # of the present line
        self._checked = 0
        self.excess: Excess | None = None

    def allow(self, tokens: int) -> None:
        """The profile allows this many tokens: use that instead of what the scope can need."""
        self._most_left, self._most_new_left = tokens * _LONGEST_TOKEN, 0

    def push(self, text: str, *, thinks: bool = False) -> None:
        """Take more of the raw answer. Reasoning (`thinks`) counts only if it repeats itself."""
        self._thinks = thinks
        first, *others = text.split("\n")
        self._extend(first)
        for piece in others:
            self._close_line()
            self._extend(piece)

    def check_prose(self, chat: int, talk: int = 0, *, whole: bool = True) -> None:
        """Judge prose: `chat` code points came without any code, `talk` after some.

        With `whole` the whole scope was requested, and the prose may be code without a fence.
        """
        most = _WORDS + (_WORDS_OF_SCOPE * len(self._scope) if whole else 0)
        if chat > most:
            self.excess = self.excess or Excess.WORDS
        if talk > most:
            self.excess = self.excess or Excess.TALK

    def _extend(self, piece: str) -> None:
        self._line.append(piece)
        self._length += len(piece)
        self._spend(len(piece))
        if self._length - self._checked < _CHECK_EVERY or self._length < _TAIL:
            return
        self._checked = self._length
        self._line = ["".join(self._line)]
        tail = self._line[0][-_TAIL:]
        period = _period_of(tail)
        if period and tail not in self._scope and _TAIL // period > 2 * self._count:
            self.excess = self.excess or Excess.REPEATS

    def _close_line(self) -> None:
        line, self._line, self._length, self._checked = "".join(self._line), [], 0, 0
        self._spend(1)
        form = _DIGITS.sub("0", line)
        if self._most_new_left > 0 and hash(form) not in self._seen_forms:
            self._seen_forms.add(hash(form))
            less = min(len(line) - len(line) // _NEW_COSTS, self._most_new_left)
            self._most_left += less
            self._most_new_left -= less
        # Reasoning that only counts itself up is the same reasoning.
        found = self._cycles.push(form if self._thinks else line)
        if found is None:
            return
        cycle, lines = found
        if cycle not in self._cycle_lines_of_scope:
            self._cycle_lines_of_scope[cycle] = longest_cycle(self._scope, cycle)
        if lines > 2 * self._cycle_lines_of_scope[cycle] and lines > 2 * self._count * cycle:
            self.excess = self.excess or Excess.REPEATS

    def _spend(self, length: int) -> None:
        self._most_left -= 0 if self._thinks else length
        if self._most_left < 0:
            self.excess = self.excess or Excess.LENGTH


class Cycles:
    """Finds lines that repeat in a cycle."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=_LONGEST_CYCLE)  # the newest first
        self._runs = [0] * _LONGEST_CYCLE
        self._sizes = [0] * _LONGEST_CYCLE  # of those runs, as `_REPEATED` counts them

    def push(self, line: str) -> tuple[int, int] | None:
        """Take a line. Returns the shortest cycle that repeats often enough, and how many lines it
        fills; both in lines."""
        line = line.rstrip()
        size = len(line) if is_sentence(line) else len(line) // _CODE_FACTOR
        found = None
        runs, sizes = self._runs, self._sizes
        for index, earlier in enumerate(self._recent):
            if earlier != line:
                runs[index] = sizes[index] = 0
                continue
            runs[index] += 1
            sizes[index] += size
            cycle = index + 1
            lines = runs[index] + cycle
            many = lines >= _LINES or sizes[index] >= _REPEATED
            if found is None and many and lines >= _REPEATS * cycle:
                found = (cycle, lines)
        self._recent.appendleft(line)
        return found


def most_for(scope: str, instruction: str, count: int = 0) -> int:
    """How many code points the answer for a scope may have.

    `count` is the number of things that the instruction names, 0 for none.
    """
    own = _PER_SCOPE * len(scope) + _PER_INSTRUCTION * len(instruction)
    stubs = sum(1 for _ in _STUB.finditer(scope))
    return _FOR_ALL + _FOR_NEW + own + _PER_THING * min(count, _MOST_THINGS) + _PER_STUB * stubs


def most_tokens_for(request: EditRequest) -> int:
    """How many tokens the answer to a request may have: `most_for` in tokens.

    The scope always fits in once, even if each of its bytes is a token.
    """
    scope = max(request.original, request.current, key=len)
    most = most_for(scope, request.instruction, _count_in(request.instruction))
    more = _PER_SCOPE * (len(scope.encode("utf-8", "surrogatepass")) - len(scope))
    return (most + more) // _BYTES_OF_TOKEN


def longest_cycle(text: str, cycle: int) -> int:
    """How many lines in a row of the text repeat every `cycle` lines."""
    lines = [line.rstrip() for line in text.splitlines()]
    longest = run = 0
    for index in range(cycle, len(lines)):
        run = run + 1 if lines[index] == lines[index - cycle] else 0
        longest = max(longest, run)
    return longest + cycle if longest else 0


def _count_in(instruction: str) -> int:
    """The largest number of things that the instruction names; 0 for none."""
    numbers = [int(number) for number in _NUMBER.findall(instruction)]
    numbers += [int(number.replace(",", "")) for number in _THINGS.findall(instruction)]
    numbers += [_SIZES[word] for word in _IN_WORDS.findall(instruction.lower())]
    return max(numbers, default=0)


def _period_of(text: str) -> int:
    """The period (code points) with which the text repeats up to its end; 0: it does not."""
    for period in range(1, _LONGEST_PERIOD + 1):
        if text[period:] == text[:-period]:
            return period
    return 0
