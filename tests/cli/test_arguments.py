"""Mistakes on the command line and their messages."""

import pytest

from lsp_server.cli.arguments import Parser, check_instruction, parse_context, parse_lines
from lsp_server.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "lines"), [("10-42", (10, 42)), ("7", (7, 7)), (" 1-1 ", (1, 1)), ("03-04", (3, 4))]
)
def test_lines(text: str, lines: tuple[int, int]) -> None:
    assert parse_lines(text) == lines


@pytest.mark.parametrize(
    "text", ["", "a-b", "1-", "-3", "0-4", "1-2-3", "1:2", "٣-٤", "1-" + "9" * 5000, "1.5"]
)
def test_lines_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--lines takes line numbers from 1"):
        parse_lines(text)


def test_lines_the_wrong_way_round() -> None:
    with pytest.raises(
        SettingsError, match=r"^--lines 9-3 ends before it begins. Did you mean 3-9\?$"
    ):
        parse_lines("9-3")


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("shop/money.py", ("shop/money.py", None)),
        ("shop/money.py:10-40", ("shop/money.py", (10, 40))),
        ("shop/money.py:7", ("shop/money.py", (7, 7))),
        ("C:\\shop\\money.py", ("C:\\shop\\money.py", None)),
        ("a:b.py:1-2", ("a:b.py", (1, 2))),
        ("money.py:x-y", ("money.py:x-y", None)),
    ],
)
def test_a_file_with_lines(text: str, file: object) -> None:
    assert parse_context(text) == file


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "--context is empty"),
        ("a.py:9-3", "--context 9-3 ends before it begins"),
        ("a.py:0", "--context takes line numbers from 1"),
    ],
)
def test_a_file_that_cannot_be_meant(text: str, start: str) -> None:
    with pytest.raises(SettingsError, match=f"^{start}"):
        parse_context(text)


@pytest.mark.parametrize("text", ["", " \n\t", "\u3000"])
def test_an_empty_instruction(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^-m is empty"):
        check_instruction(text)


def test_an_instruction_that_is_no_text() -> None:
    with pytest.raises(SettingsError, match=r"^-m has bytes"):
        check_instruction("rename \udcff")


def test_an_instruction_is_taken_word_for_word() -> None:
    assert check_instruction("  use\nthis ") == "  use\nthis "


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "`p` needs FILE and -m."),
        (["f", "-m"], "-m needs a value."),
        (["f", "-m", "x", "--why", "y"], "`p` doesn't take `--why y`."),
        (["f", "-m", "x", "--mess"], "`p` doesn't take `--mess`."),
    ],
)
def test_argparse_says_sentences(given: list[str], sentence: str) -> None:
    parser = Parser(prog="p")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("-m", "--message", required=True)
    with pytest.raises(SettingsError) as caught:
        parser.parse_args(given)
    assert str(caught.value) == f"{sentence} See `p --help`."
