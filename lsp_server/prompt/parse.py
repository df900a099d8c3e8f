"""Reads a prompt that `prompt.compose` wrote.

The practice model needs it: it gets the same message as every other model and knows the scope only
from there. The round trip also proves that nothing in a file, a rule or a message can pass for
words of the prompt.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from lsp_server.prompt.compose import ANSWERS, NEEDS
from lsp_server.prompt.file_prefix import ChangedLines, with_regions
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.prompt.sections import PromptSection, read_sections
from lsp_server.session.request import Form
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

_PIECE = re.compile(r' (".*")(?:, from line (\d{1,9}) on)?\Z')
_PIECES = {
    "rules": Why.RULES,
    "open": Why.OPEN,
    "callers": Why.CALLER,
    "defined": Why.DEFINITION,
    "mentioned": Why.MENTION,
}
_PLACE = re.compile(r' in (".*"), lines (\d{1,9})-\d{1,9}(?:, from column (\d{1,9}) on)?\Z')
_LINE = re.compile(r", from line (\d{1,9}) on\Z")
_REGION = re.compile(r", lines (\d{1,9})-(\d{1,9}) are now\Z")
_LINES = re.compile(r", lines? (\d{1,9})(?:-\d{1,9})?\Z")
_CUT = re.compile(r"at character (\d{1,9}) of it\Z")


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """What a prompt says; the fields mean the same as in `EditRequest` and `PromptPlace`.

    `before` and `after` are the text of the file around the scope, as far as the prompt holds it.
    `before` ends at the scope's first character, so its last line is the scope's indentation.
    """

    path: str
    language: str
    original: str
    current: str
    instruction: str
    before: str = ""
    after: str = ""
    pieces: tuple[ContextPiece, ...] = ()
    """In the order of the prompt; their `uri` is "", because a prompt names only paths."""
    pieces_later: tuple[ContextPiece, ...] = ()
    diagnostics: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    cut: int | None = None
    typed: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    form: Form = Form.REWRITE
    selected: Span | None = None
    imports: bool = False


def parse(text: str) -> ParsedPrompt | None:
    """The prompt in `text`, or None if `compose` did not write it. Never raises."""
    sections = list(read_sections(text))
    parts = {name: list(group) for name, group in groupby(sections, lambda part: part.name)}
    selected, instruction = parts.get("selected"), parts.get("instruction")
    if not selected or not instruction or not selected[0].contents:
        return None
    place, request = _PLACE.match(selected[0].rest), _instruction(instruction[0].rest)
    path = _string(place[1]) if place is not None else None
    if place is None or path is None or request is None:
        return None
    code = selected[0].contents[0]
    lead = code[: len(code) - len(code.lstrip())] if place[3] is None else ""
    column = len(lead) if place[3] is None else int(place[3]) - 1
    original = code[len(lead) :]
    now = _first(parts, "now")
    file, first = _file(parts)
    start = _offset(file, int(place[2]) - first, column) if file else 0
    cut = parts.get("cut")
    found = _CUT.search(cut[0].rest) if cut else None
    return ParsedPrompt(
        path=path,
        language=selected[0].info,
        original=original,
        current=original if now is None else now.removeprefix(lead),
        instruction=request[0],
        before=file[:start] if file else (_first(parts, "above") or "") + lead,
        after=file[start + len(original) :] if file else _first(parts, "below") or "",
        pieces=tuple(piece for name in _PIECES for piece in _pieces(parts, name)),
        pieces_later=tuple(_pieces(parts, "mentioned_later")),
        diagnostics=_all(parts, "problem"),
        earlier=_all(parts, "earlier"),
        cut=None if found is None else int(found[1]),
        typed=_all(parts, "typed"),
        settled=_all(parts, "settled"),
        withheld=_all(parts, "withheld"),
        form=request[1],
        imports=instruction[0].rest.endswith(NEEDS),
        selected=_selected(parts, int(place[2]), original, lead),
    )


def _pieces(parts: dict[str, list[PromptSection]], name: str) -> Iterator[ContextPiece]:
    """The pieces of the sections of that name."""
    for part in parts.get(name, ()):
        place = _PIECE.match(part.rest)
        path = _string(place[1]) if place is not None else None
        if place is not None and path is not None and part.contents:
            line = int(place[2]) - 1 if place[2] else 0
            why = _PIECES.get(name, Why.MENTION)
            yield ContextPiece("", path, part.info, part.contents[0], line, why)


def _selected(
    parts: dict[str, list[PromptSection]], line: int, original: str, lead: str
) -> Span | None:
    """The selected part of the scope, in whole lines; an empty span at its line for a cursor.

    `line` is the number of the scope's first line.
    """
    found = next((parts[name][0] for name in ("part", "cursor") if name in parts), None)
    lines = _LINES.match(found.rest) if found is not None else None
    if found is None or lines is None or not found.contents:
        return None
    text = Text(original)
    first = int(lines[1]) - line
    if not 0 <= first < text.line_count:
        return None
    start = text.line_span(first).start
    if found.name == "cursor":
        return Span(start, start)
    part = found.contents[0] if first else found.contents[0].removeprefix(lead)
    return Span(start, min(start + len(part), len(original)))


def _instruction(rest: str) -> tuple[str, Form] | None:
    """The instruction, and the form that the sentence after it requests."""
    instruction, parted, sentence = rest.rpartition("\n\n")
    for form, answer in ANSWERS.items():
        if parted and sentence.startswith(answer.sentence.partition("{}")[0]):
            return instruction, form
    return None


def _file(parts: dict[str, list[PromptSection]]) -> tuple[str, int]:
    """The present text of the file, as far as the prompt holds it, and its first line's number."""
    sent = _first(parts, "file") or ""
    line = _LINE.search(parts["file"][0].rest) if "file" in parts else None
    changed = []
    for part in parts.get("since", ()):
        lines = _REGION.match(part.rest)
        if lines is not None and part.contents:
            changed.append(ChangedLines(int(lines[1]), int(lines[2]), part.contents[0]))
    return with_regions(sent, changed), int(line[1]) if line is not None else 1


def _offset(file: str, line: int, column: int) -> int:
    text = Text(file)
    if not 0 <= line < text.line_count:
        return 0
    return min(text.line_span(line).start + column, len(file))


def _first(parts: dict[str, list[PromptSection]], name: str) -> str | None:
    return next(iter(_all(parts, name)), None)


def _all(parts: dict[str, list[PromptSection]], name: str) -> tuple[str, ...]:
    return parts[name][0].contents if name in parts else ()


def _string(literal: str) -> str | None:
    """The text of a JSON string, or None for anything else."""
    try:
        value = json.loads(literal)
    except ValueError:
        return None
    return value if isinstance(value, str) else None
