"""Which places count as calls."""

from pathlib import Path

import pytest

from lsp_server.context.caller_search import CallerSearch, called_name
from lsp_server.context.resolution.families import ModuleResolver
from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.source_files import SourceFiles
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.outline import enclosing
from tests.context.worlds import document


def calls(root: Path, ending: str, text: str, *, rare: bool = True) -> list[str]:
    """The lines that are found in a file that may call `target`."""
    (root / "other").mkdir(exist_ok=True)
    place = root / "other" / f"caller{ending}"
    place.write_text(text)
    sources, files = SourceFiles(), ProjectFiles((str(root),))
    edited = sources.opened((document(root / f"edited{ending}", ""),))
    search = CallerSearch(sources, ModuleResolver(files), lambda: False)
    found = search.find(edited, "target", [str(place)], rare=rare)
    return ["".join(file.lines[lines[0] : lines[1] + 1]).strip() for file, lines in found]


@pytest.mark.parametrize(
    ("ending", "text", "found"),
    [
        (".py", "x = a.target(1)\n", ["x = a.target(1)"]),
        (".py", "# target()\ndef target(): pass\nx = target\nf(target)\n", []),
        (".py", "@target(1)\ndef f(): pass\n", ["@target(1)\ndef f(): pass"]),
        (".ts", "const a = await b?.target<T>(1);\n", ["const a = await b?.target<T>(1);"]),
        (".tsx", "const a = <target x={1}/>;\n", ["const a = <target x={1}/>;"]),
        (
            ".go",
            "package p\n\nfunc f() {\n\tdefer s.target(1)\n}\n",
            ["func f() {\n\tdefer s.target(1)\n}"],
        ),
        (".rs", "fn f() {\n    x::target::<T>(1)?;\n}\n", ["fn f() {\n    x::target::<T>(1)?;\n}"]),
        (".rs", "fn f() {\n    target!(1);\n}\n", ["fn f() {\n    target!(1);\n}"]),
        (
            ".java",
            "class A {\n  int a = b.target(1);\n}\n",
            ["class A {\n  int a = b.target(1);\n}"],
        ),
        (
            ".cs",
            "class A {\n  void F() {\n    b.target(1);\n  }\n}\n",
            ["class A {\n  void F() {\n    b.target(1);\n  }\n}"],
        ),
        (".php", "<?php\n$a->target(1);\n", ["$a->target(1);"]),
        (".rb", "a.target 1\n", ["a.target 1"]),
        (".c", "int f() {\n  return target(1);\n}\n", ["int f() {\n  return target(1);\n}"]),
        (".kt", "fun f() {\n  a.target(1)\n}\n", ["fun f() {\n  a.target(1)\n}"]),
        (
            ".scala",
            "object A {\n  val a = b.target(1)\n}\n",
            ["object A {\n  val a = b.target(1)\n}"],
        ),
        (".swift", "func f() {\n  a.target(1)\n}\n", ["func f() {\n  a.target(1)\n}"]),
    ],
)
def test_calls(tmp_path: Path, ending: str, text: str, found: list[str]) -> None:
    assert calls(tmp_path, ending, text) == found


def test_no_more_than_two_of_one_file(tmp_path: Path) -> None:
    assert len(calls(tmp_path, ".py", "target(1)\n\n\n" * 9)) == 2


def test_a_frequent_name_counts_only_where_the_file_is_imported(tmp_path: Path) -> None:
    (tmp_path / "edited.py").write_text("")
    assert calls(tmp_path, ".py", "a.target()\n", rare=False) == []
    assert calls(tmp_path, ".py", "import edited\na.target()\n", rare=False) == ["a.target()"]
    assert calls(tmp_path, ".py", "from edited import a\na.target()\n", rare=False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("class A:\n    def f(self):\n        |pass\n", "f"),
        ("class A:\n    def __init__(self):\n        |pass\n", "A"),
        ("def f():\n    def g():\n        |pass\n", "f"),
        ("class A:\n    x = |1\n", ""),
        ("|\n", ""),
    ],
)
def test_the_name_that_others_call(text: str, name: str) -> None:
    place = text.index("|")
    assert called_name(enclosing(text.replace("|", ""), place, language_for("python"))) == name
