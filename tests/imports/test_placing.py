"""New imports at their places, by the cases of `fixtures/imports`."""

from pathlib import Path

import pytest

from lsp_server.imports.needs import import_lines
from lsp_server.imports.placing import place_imports, placed_together
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree, count_errors
from lsp_server.text.changes import ChangeSet
from tests.imports.import_cases import FOLDER, ImportCase, heading, read_cases

_FILES = sorted(FOLDER.glob("*.txt"))
_CASES = [case for path in _FILES for case in read_cases(path)]


def _tree(language_id: str, text: str) -> DocumentTree:
    language = language_for(language_id)
    assert language is not None
    return DocumentTree(language, text)


def _result(case: ImportCase) -> str:
    tree = _tree(case.language_id, case.before)
    return placed_together(tree, import_lines(case.language_id, case.needs)).apply(case.before)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_renew_the_cases(path: Path, update_fixtures: bool) -> None:
    """Each file is as this module would write it."""
    cases = list(read_cases(path))
    if update_fixtures:
        cases = [case.renewed(_result(case)) for case in cases]
        path.write_text("\n".join([heading(path), "", *map(str, cases)]), "utf-8")
    assert "\n".join([heading(path), "", *map(str, cases)]) == path.read_text("utf-8")


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.language_id}: {case.title}")
def test_an_import_at_its_place(case: ImportCase) -> None:
    assert _result(case) == case.after


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.language_id}: {case.title}")
def test_each_change_is_sound_by_itself(case: ImportCase) -> None:
    tree = _tree(case.language_id, case.before)
    lines = import_lines(case.language_id, case.needs)
    for placed in place_imports(tree, lines):
        text = ChangeSet.of(len(case.before), [placed.change]).apply(case.before)
        after = _tree(case.language_id, text)
        assert count_errors(after.root) <= count_errors(tree.root)
        assert not place_imports(after, [placed.line]), "it is imported now"
