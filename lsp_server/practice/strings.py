"""Recipe: f-strings in Python, template literals in JavaScript and TypeScript.

Only where the result is the same. What is left alone: a `%d` whose value is not known to be a
whole number (`%d` cuts a float, an f-string refuses it), values that would be computed twice or not
at all, formats that f-strings do not have, raw backslashes or comments inside a value (not allowed
in an f-string before Python 3.12), and `+` without a string next to it.
"""

from collections.abc import Iterator

from lsp_server.practice.fragment import Dialect, Edit, Fragment, walk
from lsp_server.practice.fstrings import from_format, from_percent
from lsp_server.practice.recipe import RecipeResult
from lsp_server.practice.templates import from_plus


def interpolate_strings(fragment: Fragment) -> RecipeResult:
    """Turn the outermost formatted strings. Once more for those inside their values."""
    if fragment.dialect is Dialect.PYTHON:
        nothing = "There is no % or .format here that is certain to be the same as an f-string."
        return RecipeResult.of(_outermost(_python_edits(fragment)), nothing)
    nothing = "There is no string put together with + here that a template literal could replace."
    return RecipeResult.of(_outermost(_script_edits(fragment)), nothing)


def _python_edits(fragment: Fragment) -> Iterator[Edit]:
    for node in walk(fragment.root):
        if node.type not in ("binary_operator", "call") or not fragment.holds(node):
            continue
        text = from_percent(fragment, node) or from_format(fragment, node)
        if text is not None:
            yield Edit(node.start_byte, node.end_byte, text)


def _script_edits(fragment: Fragment) -> Iterator[Edit]:
    for node in walk(fragment.root):
        text = from_plus(fragment, node) if fragment.holds(node) else None
        if text is not None:
            yield Edit(node.start_byte, node.end_byte, text)


def _outermost(edits: Iterator[Edit]) -> Iterator[Edit]:
    """Those that do not lie within one before; `edits` come in the order of the source."""
    end = 0
    for edit in edits:
        if edit.start >= end:
            yield edit
            end = edit.end
