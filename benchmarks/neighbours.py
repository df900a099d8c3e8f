"""Answers that repeat two lines of the surroundings at an edge, over real functions.

    python -m benchmarks.neighbours CHECKOUT... [--functions 12] [--languages go,rust]

Each CHECKOUT is a git checkout or a bare git directory of any project. Of its newest commit so many
functions are drawn. For each of them the answer is the function as it is, with a changed line, and
with a changed header; around it stand the two lines above, the two lines below, both or none, just
as the file holds them. It goes through the real reader, gate, session and `DocumentEdits`. An
answer is right if the file ends with the function as it was meant and everything else as it was.
"""

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.history import Case, Repository
from benchmarks.stream import reply
from lsp_server.choices import Publish
from lsp_server.session import events as ev
from lsp_server.session.document_edits import (
    Begun,
    DocumentChanged,
    DocumentEdits,
    EditAnswered,
    ForSession,
)
from lsp_server.session.effects import ApplyEdit
from lsp_server.session.gate_protocol import Gate
from lsp_server.session.request import EditRequest
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.member_definitions import MemberDefinitions
from lsp_server.syntax.scope import find_scope
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

# Lines of a function that is drawn: from so many to so many.
_FEWEST, _MOST = 3, 60
# Functions drawn of one file at most.
_OF_A_FILE = 2
_REPEATED = 2
_EDGES = {"neither": (False, False), "above": (True, False), "below": (False, True)}
_EDGES["both"] = (True, True)
_NAME = re.compile(r"(?<![\w.])[a-z_]\w{2,}")
_FUNCTIONS = ("function", "method")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print a table."""
    chosen = _arguments(arguments)
    languages = frozenset(name for name in chosen.languages.split(",") if name)
    right, all_, whole = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[bool]()
    for place in chosen.checkout:
        with Repository(place) as repository:
            print(f"{place} at {repository.head[:12]}")
            for case in functions(repository, chosen.functions, languages, chosen.seed):
                whole[_try(case, right, all_)] += 1
    print(f"\n{'':<10}" + "".join(f"{edge:>12}" for edge in _EDGES))
    for change in ("same", "line", "header"):
        cells = [f"{right[change, e]} of {all_[change, e]}" for e in _EDGES]
        print(f"{change:<10}" + "".join(f"{cell:>12}" for cell in cells))
    print(f"\nfunctions with every answer right: {whole[True]} of {whole.total()}")
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path, nargs="+", help="git checkout or git directory")
    parser.add_argument("--functions", type=int, default=12, help="drawn of each checkout")
    parser.add_argument("--languages", default="", help="language ids, with commas; default: all")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


# -- what is tried ---------------------------------------------------------------------------


def functions(
    repository: Repository, count: int, languages: frozenset[str], seed: int
) -> Iterator[Case]:
    """So many functions of the newest commit, drawn by `seed`; `answer` is what they hold."""
    drawn = repository.files()
    chance = random.Random(seed)
    chance.shuffle(drawn)
    for path, blob in drawn:
        language = language_for(None, path)
        if language is None or not language.available:
            continue
        if languages and language.id not in languages:
            continue
        text = repository.text(blob)
        if text is None or "\r" in text:
            continue
        found = [
            o for o in MemberDefinitions(language, "", text, "").known() if o.kind in _FUNCTIONS
        ]
        chance.shuffle(found)
        for one in found[:_OF_A_FILE]:
            span = find_scope(text, one.span, language).span
            if not _FEWEST <= span.text(text).count("\n") + 1 <= _MOST:
                continue
            yield Case(f"{path}:{text.count(chr(10), 0, span.start) + 1}", language, text, span, "")
            count -= 1
            if count <= 0:
                return


def _changed(case: Case) -> Iterator[tuple[str, str]]:
    """The function as it is, with a changed line, and with a changed header."""
    lines = case.original.split("\n")
    gate = make_gate(case.document, case.scope, case.language)
    yield "same", case.original
    for change, numbers in (("line", range(1, len(lines) - 1)), ("header", range(1))):
        for number in numbers:
            names = list(_NAME.finditer(lines[number]))
            news = (lines[number][: n.end()] + "_new" + lines[number][n.end() :] for n in names)
            texts = ["\n".join([*lines[:number], new, *lines[number + 1 :]]) for new in news]
            sound = [text for text in texts if gate.settled(text)]
            if sound:
                yield change, sound[-1]
                break


def _with_neighbours(case: Case, answer: str, above: bool, below: bool) -> str | None:
    """The answer as whole lines, with the two lines of the file at an edge; None: there are none,
    or the function does not stand in lines of its own."""
    before, after = case.document[: case.scope.start], case.document[case.scope.end :]
    *earlier, indent = before.split("\n")
    rest, *later = after.split("\n")
    if indent.strip() or rest.strip():
        return None
    head, tail = earlier[-_REPEATED:], later[:_REPEATED]
    if (above and not any(map(str.strip, head))) or (below and not any(map(str.strip, tail))):
        return None
    lines = [*(head if above else ()), indent + answer, *(tail if below else ())]
    return "\n".join(lines)


def _try(case: Case, right: Counter[tuple[str, str]], all_: Counter[tuple[str, str]]) -> bool:
    """Try every answer for one function; whether all were right."""
    fine = True
    head, tail = case.document[: case.scope.start], case.document[case.scope.end :]
    for change, answer in _changed(case):
        for edge, (above, below) in _EDGES.items():
            code = _with_neighbours(case, answer, above, below)
            if code is None:
                continue
            came, message = _outcome(case, code)
            as_meant = came == head + answer + tail
            all_[change, edge] += 1
            right[change, edge] += as_meant
            if not as_meant:
                fine = False
                print(f"{case.language.id} {case.name} {change} {edge}: {message or 'silently'}")
    return fine


def _outcome(case: Case, code: str) -> tuple[str, str]:
    """The final document, and the message that the user saw."""

    def gate(document: str, scope: Span) -> Gate:
        return make_gate(document, scope, case.language)

    def names(before: str, scope: str, after: str) -> MemberDefinitions:
        return MemberDefinitions(case.language, before, scope, after)

    document_edits = DocumentEdits(
        Text(case.document), 1, gate, float("inf"), case.language.id, make_names=names
    )
    request = EditRequest("Do it.", case.original, case.original, "benchmark")
    document_edits.handle(Begun("case", case.scope, request, Publish.SYNTAX), 0.0)
    sent = reply(Case(case.name, case.language, case.document, case.scope, code))
    text, version = Text(case.document), 1
    events: list[ev.Delta | ev.Finished] = [
        ev.Delta(1, sent[n : n + 6], 0.0) for n in range(0, len(sent), 6)
    ]
    events.append(ev.Finished(1))
    for event in events:
        waiting = list(document_edits.handle(ForSession("case", event), 0.0))
        while waiting:
            effect = waiting.pop(0)
            if isinstance(effect, ApplyEdit):
                text, version = text.apply(effect.changes), version + 1
                waiting += document_edits.handle(DocumentChanged(version, (effect.changes,)), 0.0)
                waiting += document_edits.handle(EditAnswered(effect.edit, True), 0.0)
    session = document_edits.find("case")
    return text.text, session.message[1] if session.message else ""


if __name__ == "__main__":
    sys.exit(main())
