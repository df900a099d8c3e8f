"""What the language of a document is called where there is a grammar, and where there is none."""

import pytest

from lsp_server.syntax.language_names import language_name


@pytest.mark.parametrize(
    ("language_id", "path", "expected"),
    [
        ("python", "a.txt", "python"),
        ("jsonc", None, "json"),
        ("plaintext", "room.py", "python"),
        ("kotlin", None, "kotlin"),
        ("Kotlin ", "a.py.kt", "kotlin"),
        ("vue", None, "vue"),
        ("", "A.vue", "vue"),
        ("html", "a.html", "html"),
        ("", "file:///house/A.kt", "kotlin"),
        ("plaintext", "C:\\house\\a.mdx", "mdx"),
        ("text", "a.tex", "latex"),
        ("rst", None, "restructuredtext"),
        ("ps1", None, "powershell"),
        ("make", None, "makefile"),
        (None, "GNUmakefile", "makefile"),
        (None, "Dockerfile.dev", "dockerfile"),
        (None, "dockerfiles", "plaintext"),
        (None, "CMakeLists.txt", "cmake"),
        ("Fundamental", "a.jl", "julia"),
        ("my-language", "notes.txt", "my-language"),
        (None, "a.language-of-mine", "language-of-mine"),
        (None, "notes.txt", "plaintext"),
        (None, "notes", "plaintext"),
        (None, "release.2026", "plaintext"),
        (None, ".env", "dotenv"),
        (None, None, "plaintext"),
    ],
)
def test_language_name(language_id: str | None, path: str | None, expected: str) -> None:
    assert language_name(language_id, path) == expected
