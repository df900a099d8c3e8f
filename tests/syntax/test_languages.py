"""Telling a file's language, and loading grammars."""

import subprocess
import sys

import pytest

from lsp_server.syntax.languages import Language, all_languages, known_languages, language_for


@pytest.mark.parametrize("language", all_languages(), ids=lambda language: str(language.id))
def test_every_grammar_loads_and_parses(language: Language) -> None:
    assert language.available
    assert language.parse(b"").root_node.end_byte == 0
    assert language.parse(b"\xff\x00\xed\xa0\x80 (").root_node.end_byte <= 7


@pytest.mark.parametrize(
    ("language_id", "path", "first_line", "expected"),
    [
        ("python", None, "", "python"),
        ("PYTHON ", None, "", "python"),
        ("javascriptreact", None, "", "javascript"),
        ("typescript.tsx", None, "", "typescriptreact"),
        ("sh", None, "", "shellscript"),
        ("c++", None, "", "cpp"),
        ("cs", None, "", "csharp"),
        ("c", "room.h", "", "c"),
        ("cpp", "room.h", "", "cpp"),
        ("plaintext", "room.py", "", "python"),
        ("", "room.tsx", "", "typescriptreact"),
        (None, "file:///house/Room.RS", "", "rust"),
        (None, "C:\\house\\Gemfile", "", "ruby"),
        (None, "/house/.bashrc", "", "shellscript"),
        (None, "/house.py/room", "", None),
        ("kotlin", "room.kt", "", None),
        ("something-new", "room.go", "", "go"),
        (None, "room", "#!/bin/sh", "shellscript"),
        (None, "room", "#!/usr/bin/env python3.12 -u", "python"),
        (None, "room", "\ufeff#! /usr/bin/env -S node --test\n", "javascript"),
        (None, "room", "#!/usr/bin/env A=1 ruby", "ruby"),
        (None, "room", "#!/usr/bin/perl", None),
        (None, "room", "# python", None),
        (None, None, "", None),
    ],
)
def test_language_for(
    language_id: str | None, path: str | None, first_line: str, expected: str | None
) -> None:
    language = language_for(language_id, path, first_line)
    assert (language.id if language else None) == expected


def test_ids_and_endings_are_claimed_once() -> None:
    for claims in (
        [name for one in all_languages() for name in (one.id, *one.aliases)],
        [ending for one in all_languages() for ending in one.endings],
        [program for one in all_languages() for program in one.interpreters],
    ):
        assert len(claims) == len(set(claims))
        assert claims == [claim.lower() for claim in claims]
    assert len(known_languages()) == 20


def test_a_grammar_that_is_not_installed_makes_a_language_unavailable() -> None:
    missing = Language(id="missing", name="Missing", module="tree_sitter_missing")
    broken = Language(id="broken", name="Broken", module="json", factory="no_such_name")
    assert not missing.available
    assert not broken.available
    with pytest.raises(ImportError):
        _ = broken.grammar


def test_no_grammar_is_imported_before_it_is_needed() -> None:
    program = (
        "import sys, lsp_server.syntax.scope\n"
        "print([name for name in sys.modules if name.startswith('tree_sitter_')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
