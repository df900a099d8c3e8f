"""Reading plain instructions as steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.practice.instructions import RecipeStep, RenameStep, Step, understand
from lsp_server.practice.recipe import RecipeName

_RENAME = RenameStep("tmp", "total")


@pytest.mark.parametrize(
    "text",
    [
        "rename tmp to total",
        "Rename the variable `tmp` to `total`, please.",
        "please rename 'tmp' into \"total\" everywhere",
        "call tmp total",
        "can you rename tmp to total?",
    ],
)
def test_renames(text: str) -> None:
    assert understand(text).steps == (_RENAME,)
    assert understand(text).unknown == ()


@pytest.mark.parametrize(
    "text",
    ["call it total instead", "no, call it total", "name it total", "rename it to total, rather"],
)
def test_renames_of_what_was_renamed_last(text: str) -> None:
    assert understand(text).steps == (RenameStep(None, "total"),)


def test_attributes_are_recognised_by_their_receiver() -> None:
    assert understand("rename self.a to self.b").steps == (RenameStep("a", "b", True),)
    assert understand("rename the field a to b").steps == (RenameStep("a", "b", True),)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (
            RecipeName.GUARD_CLAUSES,
            [
                "turn the nested ifs into guard clauses",
                "use guard clauses",
                "USE EARLY RETURNS",
                "flatten the nested ifs",
                "flatten this",
                "reduce nesting",
                "invert the ifs",
                "get rid of the nesting",
            ],
        ),
        (
            RecipeName.DOCSTRINGS,
            [
                "add docstrings",
                "add missing docstrings to all functions",
                "please document this function",
                "write JSDoc",
                "it needs docs",
            ],
        ),
        (
            RecipeName.TYPE_HINTS,
            ["add type hints", "annotate the types", "type annotations, please"],
        ),
        (
            RecipeName.STRINGS,
            [
                "use f-strings",
                "convert % formatting to f-strings",
                "replace string concatenation with template literals",
                "use f-strings instead of .format",
            ],
        ),
        (
            RecipeName.DEBUG_OUTPUT,
            [
                "remove the prints",
                "delete all console.log calls",
                "get rid of the print statements",
                "clean up the debug output",
                "strip breakpoints",
                "no prints please",
            ],
        ),
    ],
)
def test_recipes(name: RecipeName, texts: list[str]) -> None:
    for text in texts:
        assert understand(text).steps == (RecipeStep(name),), text
        assert understand(text).unknown == (), text


def test_several_in_one() -> None:
    steps: tuple[Step, ...] = (
        RecipeStep(RecipeName.DEBUG_OUTPUT),
        RecipeStep(RecipeName.GUARD_CLAUSES),
        _RENAME,
        RenameStep("a", "b"),
        RecipeStep(RecipeName.DOCSTRINGS),
        RecipeStep(RecipeName.TYPE_HINTS),
    )
    text = (
        "Remove debug prints and use guard clauses, then rename tmp to total and a to b. "
        "Also add docstrings and type hints, thanks!"
    )
    assert understand(text).steps == steps
    assert understand(text).unknown == ()


@pytest.mark.parametrize(
    "text",
    [
        "make it faster",
        "make it async",
        "sort the list",
        "translate to Rust",
        "add prints",
        "add docstrings in French",
        "remove docstrings",
        "remove guard clauses",
        "rename foo",
        "change tmp to total",
        "stop",
    ],
)
def test_what_is_not_understood_is_handed_back(text: str) -> None:
    assert understand(text).steps == ()
    assert understand(text).unknown == (text,)


def test_what_is_known_is_done_beside_what_is_not() -> None:
    found = understand("remove the prints and make it faster")
    assert found.steps == (RecipeStep(RecipeName.DEBUG_OUTPUT),)
    assert found.unknown == ("make it faster",)


@pytest.mark.parametrize("text", ["don't remove the prints", "keep the prints"])
def test_denials(text: str) -> None:
    assert understand(text).steps == (RecipeStep(RecipeName.DEBUG_OUTPUT, wanted=False),)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("use f-strings instead", True),
        ("no, use f-strings", True),
        ("use f-strings instead of %", False),
        ("use f-strings", False),
    ],
)
def test_taking_back(text: str, instead: bool) -> None:
    assert understand(text).instead is instead


@given(st.text())
def test_never_raises(text: str) -> None:
    understand(text)
    understand(f"rename {text} to {text}")
