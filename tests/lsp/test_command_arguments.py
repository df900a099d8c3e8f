"""Every mistake in a command's argument names its field."""

from enum import StrEnum

import pytest

from lsp_server.errors import InvalidParams
from lsp_server.lsp.command_arguments import CommandArguments


class Word(StrEnum):
    ONE = "one"
    TWO = "two"


def test_a_field_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidParams, match=r"`c` is unknown. The fields are `a`, `b`\."):
        CommandArguments({"a": 1, "c": None}, ("a", "b"))
    with pytest.raises(InvalidParams, match="takes no fields"):
        CommandArguments({"a": 1}, ())


def test_null_is_as_good_as_nothing() -> None:
    args = CommandArguments({"a": None}, ("a",))
    assert not args.has("a")
    assert args.optional_text("a") is None
    assert args.choice("a", Word, Word.TWO) is Word.TWO
    assert args.texts("a") is None
    assert args.diagnostics("a") == ()
    with pytest.raises(InvalidParams, match="`a` is missing"):
        args.text("a")


@pytest.mark.parametrize("value", ["", " \t\n", 3, [], {}, True])
def test_a_text_is_not_blank(value: object) -> None:
    with pytest.raises(InvalidParams, match="`a` must be a non-empty string"):
        CommandArguments({"a": value}, ("a",)).text("a")


@pytest.mark.parametrize("value", ["three", "ONE", "", 1, ["one"], False])
def test_a_choice_is_one_of_its_words(value: object) -> None:
    with pytest.raises(InvalidParams, match="`a` must be one of `one`, `two`"):
        CommandArguments({"a": value}, ("a",)).choice("a", Word, Word.ONE)


@pytest.mark.parametrize("value", ["1", 1.0, True, []])
def test_a_number_is_whole(value: object) -> None:
    with pytest.raises(InvalidParams, match="`a` must be an integer"):
        CommandArguments({"a": value}, ("a",)).number("a")


@pytest.mark.parametrize("value", [[], "x", [1], ["x", None], {}, 0])
def test_texts_are_a_list_that_is_not_empty(value: object) -> None:
    with pytest.raises(InvalidParams, match="`a` must be a non-empty list of strings"):
        CommandArguments({"a": value}, ("a",)).texts("a")


def test_texts_come_once_each_in_their_order() -> None:
    assert CommandArguments({"a": ["y", "x", "y"]}, ("a",)).texts("a") == ("y", "x")


def test_diagnostics_give_their_messages() -> None:
    args = CommandArguments({"a": [{"message": "one", "range": 3}, {"message": "two"}]}, ("a",))
    assert args.diagnostics("a") == ("one", "two")
    wrong: list[object] = [{}, "x", [1], [{}], [{"message": 3}]]
    for value in wrong:
        with pytest.raises(InvalidParams, match="`a`"):
            CommandArguments({"a": value}, ("a",)).diagnostics("a")
