"""Reads the cases in `fixtures/scopes`: one file each, described in its README."""

import re
from dataclasses import dataclass
from pathlib import Path

from lsp_server.syntax.scope import ScopeLevel
from lsp_server.text.span import Span

FOLDER = Path(__file__).parents[2] / "fixtures" / "scopes"

_MARKS = re.compile("[‸⟦⟧«»⟪⟫]")


@dataclass(frozen=True, slots=True)
class ScopeCase:
    """What a file in `fixtures/scopes` says."""

    language: str
    name: str
    sentence: str
    text: str
    selection: Span
    expected: Span
    level: ScopeLevel
    kind: str | None
    instruction: str | None
    comment: Span | None


def scope_cases() -> list[ScopeCase]:
    """Every case, in the order of languages and names."""
    return [read_case(path) for path in sorted(FOLDER.glob("*/*.txt"))]


def read_case(path: Path) -> ScopeCase:
    """Read one case; raises `ValueError` with a sentence when it is not well-formed."""
    head, line, body = path.read_text(encoding="utf-8").partition("\n---\n")
    if not line:
        raise ValueError(f"{path.name} has no line `---` between its words and its text.")
    sentence, *settings = head.split("\n")
    options = dict(re.split(r":\s*", setting, maxsplit=1) for setting in settings)
    unknown = options.keys() - {"level", "kind", "instruction", "line ends"}
    if unknown:
        raise ValueError(f"{path.name} says {sorted(unknown)}, which means nothing.")
    if options.get("line ends") == "crlf":
        body = body.replace("\n", "\r\n")
    text, places = _unmark(body)
    if "‸" in places:
        selection = Span(places["‸"], places["‸"])
    else:
        selection = Span(places["⟦"], places["⟧"])
    return ScopeCase(
        language=path.parent.name,
        name=path.stem,
        sentence=sentence,
        text=text,
        selection=selection,
        expected=Span(places["«"], places["»"]),
        level=ScopeLevel(options.get("level", "smallest")),
        kind=options.get("kind"),
        instruction=options.get("instruction"),
        comment=Span(places["⟪"], places["⟫"]) if "⟪" in places else None,
    )


def _unmark(body: str) -> tuple[str, dict[str, int]]:
    """The text without its marks, and where each mark stood."""
    places: dict[str, int] = {}
    for mark in _MARKS.finditer(body):
        if mark.group() in places:
            raise ValueError(f"The mark {mark.group()} stands in a case twice.")
        places[mark.group()] = mark.start() - len(places)
    return _MARKS.sub("", body), places


def mark(text: str, case: ScopeCase, expected: Span, comment: Span | None = None) -> str:
    """`text` with the marks of a result, to be read by a person beside the case."""
    marks = [(expected.start, 1, "«"), (expected.end, 0, "»")]
    if case.selection.empty:
        marks.append((case.selection.start, 2, "‸"))
    else:
        marks += [(case.selection.start, 2, "⟦"), (case.selection.end, -1, "⟧")]
    if comment is not None:
        marks += [(comment.start, 1, "⟪"), (comment.end, 0, "⟫")]
    for place, _, sign in sorted(marks, reverse=True):
        text = text[:place] + sign + text[place:]
    return text
