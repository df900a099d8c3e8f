"""Globs of settings and rules files."""

import pytest

from lsp_server.context.globs import is_glob, matching_glob


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.py", "shop/till.py", True),
        ("*.py", "shop/till.pyi", False),
        ("**/*.py", "till.py", True),
        ("src/**", "src/a/b.ts", True),
        ("src/", "src/a/b.ts", True),
        ("src/*.ts", "src/a/b.ts", False),
        ("./src/*.ts", "src/b.ts", True),
        ("/src/*.ts", "src/b.ts", True),
        ("*.{ts,tsx}", "src/b.tsx", True),
        ("{src,lib}/**/*.{ts,tsx}", "lib/x/b.ts", True),
        ("{src,lib}/**/*.{ts,tsx}", "app/x/b.ts", False),
        ("[", "[", False),
        ("", "a.py", False),
    ],
)
def test_as_in_an_ignore_file_with_braces_besides(glob: str, path: str, matches: bool) -> None:
    assert matching_glob(glob)(path) is matches


def test_braces_without_an_end_stand_for_nothing() -> None:
    assert not matching_glob("{a,b}" * 40)("ababab")
    assert not matching_glob("{" * 5000)("a")


def test_what_makes_a_glob() -> None:
    assert [text for text in ("a.md", "*.md", "a?.md", "{a,b}", "[ab]") if not is_glob(text)] == [
        "a.md"
    ]
