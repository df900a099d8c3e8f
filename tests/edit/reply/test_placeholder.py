"""Recognising placeholders."""

import pytest

from lsp_server.edit.reply.placeholder import is_bare_dots, is_placeholder, may_be_placeholder

PLACEHOLDERS = [
    "# ... rest of the code unchanged",
    "    # ... existing code ...",
    "# …",
    "## ...",
    "// ... existing code ...",
    "// rest of the function remains the same",
    "// (rest of the file unchanged)",
    "/* ... */",
    "/* ... other properties unchanged ... */",
    "{/* ... existing code ... */}",
    "<!-- unchanged -->",
    "<!-- ... -->",
    "-- ...",
    "-- existing code",
    "--[[ ... ]]",
    "(* ... rest unchanged ... *)",
    "{- same as before -}",
    "; ... remaining code ...",
    "% ... unchanged",
    "...",
    "  …  ",
    "[...]",
    "... rest of the code unchanged ...",
    "// The rest of the code stays the same.",
    "# Existing code here...",
    "# code omitted",
]


@pytest.mark.parametrize("line", PLACEHOLDERS)
def test_placeholders(line: str) -> None:
    assert is_placeholder(line)
    assert all(may_be_placeholder(line[:end]) for end in range(len(line)))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x = 1",
        "# compute the total",
        "# ... and then wait",
        "# rest of the list is sorted(by=key)",
        "# existing users stay logged in because of the_cookie",
        "// other",
        "...props,",
        "...rest",
        "<!-- ... --> <p>",
        "/* ... */ int x;",
        "'... existing code ...',",
        "return ...",
        "# " + "... rest " * 40,
    ],
)
def test_no_placeholders(line: str) -> None:
    assert not is_placeholder(line)


def test_an_ordinary_line_is_recognised_by_its_beginning() -> None:
    for line in ("x", "    return", "# a = 1", "// f(x) + 1", "/* a[0] = b", "..r", ".foo"):
        assert not may_be_placeholder(line), line


def test_bare_dots() -> None:
    assert is_bare_dots("   ...")
    assert not is_bare_dots("# ...")
