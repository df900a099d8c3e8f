"""Telling a file's language, and loading grammars."""

import ast
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.syntax.languages import Language, all_languages, known_languages, language_for
from tests.syntax.gate_sources import SOURCES

ROOT = Path(__file__).parents[2]


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
        ("terraform", "room.txt", "", "hcl"),
        (None, "/house/Room.TF", "", "hcl"),
        ("", "house.csproj", "", "xml"),
        (None, "build.sbt", "", "scala"),
        ("kotlin", "room.txt", "", "kotlin"),
        ("a-language-of-mine", "room.mine", "", None),
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
    assert known_languages() == tuple(language.id for language in all_languages())


def test_every_language_has_its_file() -> None:
    for language in all_languages():
        assert language.id in SOURCES, (
            f"{language.name} has no file: add fixtures/languages/{language.id}.txt, written as the"
            " README there says."
        )
    assert SOURCES.keys() == set(known_languages())


def test_a_grammar_that_is_not_installed_makes_a_language_unavailable() -> None:
    python = all_languages()[0]
    missing = replace(python, id="missing", module="tree_sitter_missing")
    broken = replace(python, id="broken", module="json", factory="no_such_name")
    assert not missing.available
    assert not broken.available
    with pytest.raises(ImportError):
        _ = broken.grammar


_WITHOUT_EXTRAS = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in sys.argv[1:]:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.language_names import language_name
from lsp_server.syntax.scope import find_scope
from lsp_server.text.span import Span

text = 'a {\\n  x = 1\\n}\\nb {\\n}\\n'
print(language_for("terraform", "a.tf"), language_name("terraform", "a.tf"), language_for("go").id)
print(repr(find_scope(text, Span(0, 0), language_for("terraform")).span.text(text)))
"""


def test_without_the_extra_its_languages_go_by_lines() -> None:
    missing = [one.module for one in all_languages() if one.extra]
    command = [sys.executable, "-c", _WITHOUT_EXTRAS, *missing]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["None hcl go", r"'a {\n  x = 1\n}'"]


def test_the_extra_has_the_grammar_of_each_of_its_languages() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extra = {re.split("[<>=]", each)[0] for each in wanted["optional-dependencies"]["languages"]}
    grammars = {one.module.replace("_", "-") for one in all_languages() if one.extra}
    assert grammars <= extra, f"add {grammars - extra} to the extra `languages` in pyproject.toml"
    assert extra <= grammars, f"no language with `extra=True` uses {extra - grammars}"
    assert extra.isdisjoint(re.split("[<>=]", each)[0] for each in wanted["dependencies"])


def test_no_grammar_is_imported_before_it_is_needed() -> None:
    program = (
        "import sys, lsp_server.syntax.scope\n"
        "print([name for name in sys.modules if name.startswith('tree_sitter_')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_only_its_module_knows_a_language_by_name() -> None:
    names = {*known_languages(), *(language.module for language in all_languages())}
    elsewhere = [
        f"{path.name}:{node.lineno} {node.value!r}"
        for path in (ROOT / "lsp_server" / "syntax").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
    ]
    assert not elsewhere, f"say it in the language's module: {elsewhere}"
