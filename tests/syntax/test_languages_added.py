"""A language is added in a copy, by the steps in CONTRIBUTING.md, and passes its tests there.

The grammar is that of PHP without `<?php`, which is installed and that no language here uses.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
_COPIED = (
    "lsp_server",
    "tests",
    "fixtures/languages",
    "fixtures/scopes",
    "fixtures/containment",
)
_TESTS = (
    "bounded_parse",
    "gate",
    "gate_at_every_token",
    "instruction_comments",
    "languages",
    "node_rules",
    "outline",
    "scope",
    "scope_parse",
    "skeleton",
)
"""The tests that ask something of each language."""

_MODULE = '''\
"""PHP without tags."""

from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["PHPCODE"]

PHPCODE = Language(
    id="phpcode",
    name="PHP without tags",
    module="tree_sitter_php",
    factory="language_php_only",
    endings=(".phpcode",),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("program compound_statement declaration_list"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        functions=kinds("function_definition method_declaration"),
        classes=kinds("class_declaration"),
        atoms=kinds("string encapsed_string"),
        repeats=kinds("else_clause"),
        terminator=True,
    ),
    declarations=Declarations(
        kinds=declared(
            function="function_definition",
            method="method_declaration",
            class_="class_declaration",
        ),
        imports=always("namespace_use_declaration"),
    ),
    text=TextRules(),
)
'''
_LANGUAGE_FILE = """\
A basket with prices.
=== document
class Basket {
    «public function total($prices) {
        $result = 0;
        foreach ($this->items as $item) {
            $result += $prices[$item];
        }
        // All of them.
        return $result;
    }»

    public function clear() {
        $this->items = [];
    }

    public function first() {
        return $this->items[0];
    }
}
=== answer
public function total($prices, $rate = 1) {
        $result = 0;
        foreach ($this->items as $item) {
            $result += $prices[$item] * $rate;
        }
        // All of them.
        return $result;
    }
=== outline
class Basket: class Basket
  method total: public function total($prices)
  method clear: public function clear()
  method first: public function first()
"""
_FIXTURES = {
    "languages/phpcode.txt": _LANGUAGE_FILE,
    "scopes/phpcode/statement.txt": """\
        A bare cursor takes the statement it is in.
        kind: expression_statement
        ---
        function go($n) {
            «$a = $n ‸+ 1;»
            f($a);
        }
        """,
    "scopes/phpcode/expression.txt": """\
        A selected expression stays one.
        ---
        $a = «⟦f($b)⟧» + 1;
        """,
    "scopes/phpcode/function.txt": """\
        The level of functions.
        level: function
        ---
        «function go($n) {
            f($‸n);
        }»
        """,
    "scopes/phpcode/ms.txt": """\
        An instruction above a function.
        instruction: shorter
        ---
        ⟪«// ms: shor‸ter
        ⟫function go() {
        }»
        """,
    "containment/phpcode/string-left-open.txt": """\
        A string that stays open.
        === document
        «f(1);»
        g("a");
        === candidate
        f("1);
        === refused
        """,
    "containment/phpcode/statement-becomes-two.txt": """\
        A statement becomes two.
        === document
        «f(1);»
        g("a");
        === candidate
        f(1);
        f(2);
        === admitted
        """,
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the tests of languages need, with the module of the new language."""
    for name in _COPIED:
        shutil.copytree(ROOT / name, tmp_path / name)  # With its bytecode, which stays valid.
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    languages = tmp_path / "lsp_server" / "syntax" / "languages"
    (languages / "phpcode.py").write_text(_MODULE, "utf-8")
    index = (languages / "__init__.py").read_text("utf-8")
    index, times = re.subn(r"(?m)^_LANGUAGES = \($", r"\g<0>\n    PHPCODE,", index)
    assert times == 1
    line = "from lsp_server.syntax.languages.phpcode import PHPCODE\n"
    (languages / "__init__.py").write_text(index.replace("from lsp", f"{line}from lsp", 1), "utf-8")
    return tmp_path


def _language_tests(folder: Path, names: str) -> tuple[int, str]:
    """Run the tests in `folder` whose names match: exit code and output."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, "-k", names, *(f"tests/syntax/test_{name}.py" for name in _TESTS)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_language_added_by_the_steps_passes_its_tests(copy: Path) -> None:
    for name, text in _FIXTURES.items():
        path = copy / "fixtures" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    code, output = _language_tests(copy, "phpcode or every_language")
    assert code == 0, output
    passed = re.search(r"(\d+) passed", output)
    assert passed is not None and int(passed[1]) > 2 * len(_FIXTURES), output


def test_what_a_new_language_lacks_is_said(copy: Path) -> None:
    code, output = _language_tests(copy, "every_language")
    assert code == 1
    for sentence in (
        "add fixtures/languages/phpcode.txt",
        "add at least 3 to fixtures/scopes/phpcode/",
        "add a case with a line `instruction: …`",
        "add some to fixtures/containment/phpcode/",
    ):
        assert sentence in " ".join(output.split()), output
