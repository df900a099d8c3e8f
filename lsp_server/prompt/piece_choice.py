"""Chooses which pieces of other files a prompt holds, within its budget.

What the user names comes first and is never shortened: a piece that does not fit is left out whole
and reported. The project's rules come next, then the definitions that the scope uses, its callers
and the other open documents. Lines that two pieces share are sent once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lsp_server.prompt.budget import first_lines, tokens_of
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.prompt.sections import quoted, section
from lsp_server.text.lines import split_lines

_RULES_SHARE = 0.25
"""The share of the context that the project's rules may take; the code needs the rest."""
_MOST_RULES = 8_000
"""Tokens of rules. More than that (20 pages) no model follows, and each edit would pay for it."""

_OTHERS_SHARE = 0.3
"""The share of the remaining tokens for definitions, callers and open documents, if the file cannot
be sent whole: the lines around the scope matter more than those of other files."""
MOST_OTHERS = 8_000
"""Tokens of definitions, callers and open documents, however much the model can read. A scope
rarely uses more than twenty definitions of at most 400 tokens each. A server without a graphics
card needs a minute or two for so many tokens, and a model finds a line worse among many that it
does not need. What the user names does not count."""
_SHARES = ((Why.DEFINITION, 0.6), (Why.CALLER, 0.5), (Why.OPEN, 1.0))
"""The share of what is left of them for each kind, in this order. Definitions come first, because
the code does not run without them; what one kind does not need goes to the next."""

_SECTIONS = (
    (Why.OPEN, "open"),
    (Why.CALLER, "callers"),
    (Why.DEFINITION, "defined"),
    (Why.MENTION, "mentioned"),
)
"""The sections in the order of the prompt: what changes least from edit to edit comes first."""

_Lines = tuple[int, int]
"""The first line and the one after the last."""


@dataclass(frozen=True, slots=True)
class ChosenPieces:
    """What is sent. Its pieces are in the order in which they were given."""

    pieces: tuple[ContextPiece, ...] = ()
    not_sent: tuple[ContextPiece, ...] = ()
    """What the user named and does not fit."""

    @property
    def rules(self) -> str:
        """The sections of the rules; "" for none."""
        return _joined(
            piece_section("rules", piece) for piece in self.pieces if piece.why is Why.RULES
        )

    @property
    def others(self) -> str:
        """The sections of all others; "" for none."""
        names = dict(_SECTIONS)
        return _joined(piece_section(names[piece.why], piece) for piece in self.ordered)

    @property
    def ordered(self) -> tuple[ContextPiece, ...]:
        """All pieces but the rules, in the order of the prompt. Within a kind they are sorted, so
        they keep their order when they are found in another."""
        by_place = sorted(self.pieces, key=lambda piece: (piece.path, piece.line))
        return tuple(piece for why, _ in _SECTIONS for piece in by_place if piece.why is why)

    @property
    def tokens(self) -> int:
        """About how many tokens the sections take."""
        return sum(map(_cost, self.pieces))

    def without_lines(self, uri: str, lines: _Lines) -> "ChosenPieces":
        """The same without these lines of a file: the prompt holds them already."""
        covered = [lines]
        kept = (
            part
            for piece in self.pieces
            for part in ([piece] if piece.uri != uri else _uncovered(piece, covered))
        )
        return replace(self, pieces=tuple(kept))


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """How many tokens there are for pieces."""

    left: int
    """All that is left for the file and the pieces."""
    context: int
    """The model's context."""
    file: int
    """What the file takes if it is sent whole."""

    @property
    def holds_file(self) -> bool:
        """Whether the file can be sent whole."""
        return self.file <= self.left


def choose(
    pieces: Sequence[ContextPiece], uri: str, budget: TokenBudget, *, again: bool
) -> ChosenPieces:
    """What is sent of `pieces`, which are the best first within a kind.

    Leaves out what is in the document itself, `uri`, except for mentions in one that cannot be sent
    whole. With `again`, the pieces were sent before in this session: they are sent again as long as
    there is any budget.
    """
    others = [piece for piece in pieces if piece.uri != uri]
    choice = _Choice()
    left = choice.take_all(_of(others, Why.MENTION), budget.left)
    if budget.file > left:
        own = [piece for piece in pieces if piece.uri == uri and piece.why is Why.MENTION]
        left = choice.take_all(own, left)
    of_rules = min(left, max(0, int(budget.context * _RULES_SHARE)), _MOST_RULES)
    left -= of_rules - choice.take_rules(_of(others, Why.RULES), of_rules)
    budget = replace(budget, left=left)
    if again:
        for_others = left
    elif budget.holds_file:
        for_others = min(MOST_OTHERS, left - budget.file)
    else:
        for_others = min(MOST_OTHERS, int(left * _OTHERS_SHARE))
    for why, share in _SHARES:
        part = for_others if again else int(for_others * share)
        for_others -= part - choice.take(_of(others, why), part)
    order = {(piece.uri, piece.why): number for number, piece in reversed([*enumerate(pieces)])}
    chosen = sorted(choice.chosen, key=lambda piece: order[piece.uri, piece.why])
    return ChosenPieces(tuple(chosen), tuple(choice.not_sent))


def choose_later(
    pieces: Sequence[ContextPiece], earlier: ChosenPieces, shown: tuple[str, int, int], tokens: int
) -> ChosenPieces:
    """What is sent of the pieces that redirects name, in `tokens`.

    Nothing of it is in `earlier`, or in the lines of the document that are `shown`: its URI, the
    first line, and the one after the last.
    """
    choice = _Choice()
    for piece in earlier.pieces:
        choice.cover(piece.uri, piece.line, piece.line + piece.line_count)
    choice.cover(*shown)
    choice.take_all(pieces, tokens)
    return ChosenPieces(tuple(choice.chosen), tuple(choice.not_sent))


def piece_section(name: str, piece: ContextPiece) -> str:
    """The section of one piece."""
    line = f", from line {piece.line + 1} on" if piece.line else ""
    return section(name, piece.text, rest=f" {quoted(piece.path)}{line}", language=piece.language)


class _Choice:
    """Pieces that are chosen one by one. Each method returns how many tokens are left."""

    def __init__(self) -> None:
        self.chosen: list[ContextPiece] = []
        self.not_sent: list[ContextPiece] = []
        self._covered: dict[str, list[_Lines]] = defaultdict(list)

    def cover(self, uri: str, first: int, end: int) -> None:
        """The lines of a file from `first` to before `end` are sent."""
        self._covered[uri].append((first, end))

    def take_all(self, pieces: Iterable[ContextPiece], tokens: int) -> int:
        """Every piece that fits; one that does not is left out whole, and noted."""
        for piece in pieces:
            parts = _uncovered(piece, self._covered[piece.uri])
            cost = sum(map(_cost, parts))
            if cost > tokens:
                self.not_sent.append(piece)
                continue
            tokens -= cost
            self._add(parts)
        return tokens

    def take(self, pieces: Iterable[ContextPiece], tokens: int) -> int:
        """Every piece that fits."""
        missing = self.not_sent
        self.not_sent = []
        tokens = self.take_all(pieces, tokens)
        self.not_sent = missing
        return tokens

    def take_rules(self, pieces: Sequence[ContextPiece], tokens: int) -> int:
        """The rules, those of the nearest folder first; the first that is too long is cut."""
        for piece in reversed(pieces):
            for part in _uncovered(piece, self._covered[piece.uri]):
                heading = _cost(part) - part.tokens
                cut = replace(part, text=first_lines(part.text, tokens - heading))
                if cut.text.strip():
                    tokens -= _cost(cut)
                    self._add([cut])
                if len(cut.text) < len(part.text):
                    return tokens
        return tokens

    def _add(self, parts: Iterable[ContextPiece]) -> None:
        for part in parts:
            self.chosen.append(part)
            self.cover(part.uri, part.line, part.line + part.line_count)


def _uncovered(piece: ContextPiece, covered: Sequence[_Lines]) -> list[ContextPiece]:
    """The parts of a piece whose lines are not covered, without blank ones."""
    if not covered:
        return [piece] if piece.text.strip() else []
    lines = split_lines(piece.text)
    parts: list[ContextPiece] = []
    start = 0
    for index in range(len(lines) + 1):
        number = piece.line + index
        ends = index == len(lines) or any(first <= number < last for first, last in covered)
        if not ends:
            continue
        text = "".join(lines[start:index])
        if text.strip():
            parts.append(replace(piece, text=text, line=piece.line + start))
        start = index + 1
    return parts


def _of(pieces: Iterable[ContextPiece], why: Why) -> list[ContextPiece]:
    return [piece for piece in pieces if piece.why is why]


def _cost(piece: ContextPiece) -> int:
    """The tokens of a piece with its heading. Headings are about as long as the longest one."""
    return tokens_of(piece_section("mentioned_later", piece)) + 1


def _joined(sections: Iterable[str]) -> str:
    return "\n\n".join(sections)
