"""The corpus of `fixtures/secrets`: every secret in it is masked completely, and nothing else is.

Compares with `detect-secrets`: we find what it finds, with no more false alarms.
"""

from pathlib import Path

import pytest

from lsp_server.guard.masks import Masks, Unmasker
from lsp_server.guard.secrets import find_secrets
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree
from tests.support import rival
from tests.support.corpus import PARTS, Case, cases, exact, masked

_SECRETS = [case for part in PARTS for case in cases(part, "secrets")]
_HARMLESS = [case for part in PARTS for case in cases(part, "harmless")]


def _named(case: Case) -> str:
    return f"{case.name}, {case.file}"


@pytest.mark.parametrize("case", _SECRETS, ids=_named)
def test_a_secret_is_found_whole_and_without_what_is_around_it(case: Case) -> None:
    found = find_secrets(case.text)
    assert exact(case, found), [span.text(case.text) for span in found]


@pytest.mark.parametrize("case", _HARMLESS, ids=_named)
def test_a_look_alike_is_none(case: Case) -> None:
    assert [span.text(case.text) for span in find_secrets(case.text)] == []


def test_they_are_found_among_other_lines_and_with_other_line_ends() -> None:
    before = "import os\n\n\ndef total(cart):\n    return sum(cart)\n\n\n"
    missed = []
    for case in _SECRETS:
        values = {secret.text(case.text) for secret in case.secrets}
        for text in (before + case.text + "\n\nx = 1\n", case.text.replace("\n", "\r\n")):
            if not values <= {span.text(text) for span in find_secrets(text)}:
                missed.append(_named(case))
    assert missed == []


def test_none_leaves_and_all_come_back_byte_for_byte() -> None:
    for case in _SECRETS:
        masks = Masks(find_secrets)
        sent = masks.mask(case.text)
        for secret in case.secrets:
            value = secret.text(case.text)
            assert value not in sent or len(value) < 8 or value.isalpha(), case.name
        unmasker = Unmasker(masks)
        back = "".join([*(unmasker.push(character) for character in sent), unmasker.finish()])
        assert back == case.text


_CODE = {
    ".py": "python",
    ".js": "javascript",
    ".ts": "typescript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".rb": "ruby",
    ".cs": "csharp",
    ".php": "php",
    ".json": "json",
    ".sh": "shellscript",
    ".yml": "yaml",
    ".yaml": "yaml",
    ".toml": "toml",
}


def test_masked_code_parses_as_well_as_it_did() -> None:
    worse = []
    for case in _SECRETS:
        if (name := _CODE.get(Path(case.file).suffix)) is None:
            continue
        language = language_for(name, None, "")
        assert language is not None
        sent = Masks(find_secrets).mask(case.text)
        before = DocumentTree(language, case.text).tree.root_node
        after = DocumentTree(language, sent).tree.root_node
        if after.has_error > before.has_error:
            worse.append(_named(case))
    assert worse == []


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len({case.name for case in _SECRETS}) >= 400
    assert len({case.name for case in _HARMLESS}) >= 300
    assert all(case.secrets for case in _SECRETS)
    assert not any(case.secrets for case in _HARMLESS)


def test_detect_secrets_finds_nothing_that_we_miss(tmp_path: Path) -> None:
    missed = [case for case in _SECRETS if not masked(case, find_secrets(case.text))]
    assert [case.name for case in missed if rival.found(case, tmp_path)] == []
    theirs = [case for case in _SECRETS if rival.found(case, tmp_path)]
    assert len(theirs) > 100, "it has not run as it should"


def test_detect_secrets_has_no_fewer_false_alarms(tmp_path: Path) -> None:
    ours = [case for case in _HARMLESS if find_secrets(case.text)]
    theirs = [case for case in _HARMLESS if rival.found(case, tmp_path)]
    assert len(ours) <= len(theirs)
