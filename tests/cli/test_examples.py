"""The examples that the package contains for `midstream demo`."""

import ast
import tomllib
from importlib import resources

import pytest

from lsp_server.practice import answer
from lsp_server.practice.fragment import known_language, read_fragment
from lsp_server.practice.provider import tokens_of
from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.session.request import EditRequest
from lsp_server.text.span import Span

_FOLDER = resources.files("lsp_server.cli") / "examples"
_EXAMPLES = tomllib.loads((_FOLDER / "demo.toml").read_text("utf-8"))["example"]


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: example["file"])
def test_an_example_is_long_enough_and_its_redirect_changes_it_again(
    example: dict[str, str | int | list[int]],
) -> None:
    language, first, redirect = (
        str(example[key]) for key in ("language", "instruction", "redirect")
    )
    document = (_FOLDER / str(example["file"])).read_text("utf-8")
    language_known = known_language(language)
    assert language_known is not None
    assert read_fragment(document, language_known).errors == 0

    scope = _span_of_lines(document, example["lines"])
    original = scope.text(document)
    place = PromptPlace(str(example["file"]), language, document, scope)
    request = EditRequest(first, original, original, "practice")
    reply = answer(compose(request, place, 32_000).input)
    assert reply.startswith("```"), reply
    assert len(tokens_of(reply)) >= 400
    after = example["redirect_after"]
    assert isinstance(after, int) and 100 <= after <= len(tokens_of(reply)) - 100

    # As if half of the first answer had landed over the original.
    block = _block(reply)
    landed, rest = block[: len(block) // 2], original[len(original) // 2 :]
    request = EditRequest(
        redirect, original, landed + rest, "practice", earlier=(first,), cut=len(landed)
    )
    place = PromptPlace(
        place.path,
        language,
        document[: scope.start] + landed + rest + document[scope.end :],
        Span(scope.start, scope.start + len(landed + rest)),
    )
    again = answer(compose(request, place, 32_000).input)
    assert again.startswith("```"), again
    result = document[: scope.start] + _block(again) + document[scope.end :]
    assert _block(again) != block
    assert read_fragment(result, language_known).errors == 0
    if language == "python":
        ast.parse(result)


def _span_of_lines(document: str, lines: object) -> Span:
    """From the first character of the first line to the end of the last one."""
    assert isinstance(lines, list)
    first, last = lines
    every = document.splitlines(keepends=True)
    indent = len(every[first - 1]) - len(every[first - 1].lstrip())
    start = len("".join(every[: first - 1])) + indent
    return Span(start, len("".join(every[:last]).rstrip("\n")))


def _block(reply: str) -> str:
    return reply.partition("\n")[2].removesuffix("\n```\n")
