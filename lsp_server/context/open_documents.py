"""Which open documents an edit should see, and how much of each."""

from collections.abc import Iterable, Iterator

from lsp_server.context.declaration_lines import Lines
from lsp_server.context.file_facts import VALUE
from lsp_server.context.resolution.families import ModuleResolver
from lsp_server.context.source_files import ParsedFile
from lsp_server.prompt.budget import tokens_of

__all__ = ["in_order", "lines_of_document"]

MOST_OPEN = 8
"""Documents that are sent. People have more tabs open than they look at."""
_MOST_WHOLE = 1_500
"""Tokens of a document that is sent whole, about 150 lines; of a longer one the signatures are."""
_MOST_SIGNATURES = 120
"""Signatures of one document."""
_GAP = 1


def in_order(
    document: ParsedFile, others: Iterable[ParsedFile], resolver: ModuleResolver
) -> Iterator[ParsedFile]:
    """Those that the document imports or that import it, then the most recently edited."""
    all_others = [each for each in others if each.path != document.path]
    related = [
        each
        for each in all_others
        if _imports(document, each, resolver) or _imports(each, document, resolver)
    ]
    count = 0
    for each in (
        *related,
        *(other for other in all_others if all(other is not each for each in related)),
    ):
        if each.text.strip():
            yield each
            count += 1
        if count >= MOST_OPEN:
            return


def _imports(one: ParsedFile, other: ParsedFile, resolver: ModuleResolver) -> bool:
    """Whether one file imports the other."""
    if one.language is None:
        return False
    path = str(other.path)
    for statement in one.imports:
        target = resolver.target(statement, str(one.path), one.language.id)
        if path in target.files or any(path in files for files in target.modules.values()):
            return True
    return False


def lines_of_document(file: ParsedFile) -> tuple[Lines, ...]:
    """All of a short document; of a long one the signatures; nothing where it has none."""
    if tokens_of(file.text) <= _MOST_WHOLE:
        return ((0, len(file.lines) - 1),)
    found: list[Lines] = []
    used = 0
    for one in file.facts.declared[:_MOST_SIGNATURES]:
        lines = one.head, one.head if one.kind == VALUE else one.signature_end
        used += tokens_of("".join(file.lines[lines[0] : lines[1] + 1]))
        if used > _MOST_WHOLE:
            break
        if found and lines[0] <= found[-1][1] + _GAP:
            found[-1] = found[-1][0], max(found[-1][1], lines[1])
        else:
            found.append(lines)
    return tuple(found)
