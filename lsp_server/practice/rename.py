"""Recipe: rename a name within the scope.

Changes only occurrences that mean the same thing: no strings, comments, attributes, keys or keyword
arguments of other functions. A name that is not a variable but an attribute of `self` or `this` is
renamed as an attribute. Refuses, with a sentence, what would change the meaning.
"""

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.practice.bindings import Binding, bindings_of, names_in, outermost
from lsp_server.practice.fragment import Edit, Fragment, ancestors, walk
from lsp_server.practice.recipe import RecipeResult

_SCRIPT_NAME = re.compile(r"[^\W\d]\w*|[\w$]*\$[\w$]*")
_RESERVED_WORDS = """
    await break case catch class const continue debugger default delete do else enum export extends
    false finally for function if implements import in instanceof interface let new null package
    private protected public return static super switch this throw true try typeof var void while
    with yield undefined arguments eval
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_RECEIVERS = frozenset({"self", "cls", "this"})
_MEMBERS = frozenset({"method_definition", "field_definition", "public_field_definition"})


@dataclass(frozen=True, slots=True)
class Rename:
    """A rename. After a rename that was cut, `names` holds more than one spelling."""

    names: frozenset[str]
    new: str
    attribute: bool = False
    """Whether an attribute of `self` or `this` is meant."""


def is_name(text: str, fragment: Fragment) -> bool:
    """Whether `text` can be the name of something."""
    if fragment.is_python:
        return text.isidentifier() and not keyword.iskeyword(text)
    return bool(_SCRIPT_NAME.fullmatch(text)) and text not in _RESERVED


def rename(fragment: Fragment, wanted: Rename) -> RecipeResult:
    """Rename every occurrence of one name."""
    old = " or ".join(f"`{name}`" for name in sorted(wanted.names - {wanted.new}) or wanted.names)
    if not is_name(wanted.new, fragment):
        return RecipeResult(note=f"`{wanted.new}` isn't a name in {fragment.language.name}.")
    chosen = [] if wanted.attribute else outermost(bindings_of(fragment, wanted.names))
    if not chosen:
        return _rename_attribute(fragment, wanted, old)
    if wanted.new not in wanted.names and wanted.new in names_in(fragment):
        return RecipeResult(note=f"`{wanted.new}` already means something here, so {old} stays.")
    edits: list[Edit] = []
    for binding in chosen:
        for node in binding.occurrences:
            edit = _edit(fragment, node, wanted.new)
            if edit is None:
                return RecipeResult(note=f"{old} is part of a dotted import, so it stays.")
            edits.append(edit)
        edits += _of_keyword_arguments(fragment, binding, wanted)
        owner = _class_of_attribute(binding)
        if owner is not None:
            edits += _of_attributes(fragment, owner, wanted)
    return _changed(fragment, edits)


def _changed(fragment: Fragment, edits: list[Edit]) -> RecipeResult:
    """Only the edits that change something: after a cut, part of the names is new already."""
    return RecipeResult.of((e for e in edits if fragment.slice(e.start, e.end) != e.text), "")


def _edit(fragment: Fragment, node: Node, new: str) -> Edit | None:
    """The edit of one occurrence. None if the name cannot change by itself."""
    old, above = fragment.source_of(node), node.parent
    if old == new or above is None:
        return Edit(node.start_byte, node.end_byte, new)
    text = new
    if node.type.startswith("shorthand_property_identifier"):
        text = f"{old}: {new}"
    elif above.type == "import_specifier" and above.child_by_field_name("alias") is None:
        text = f"{old} as {new}"
    elif above.type == "export_specifier" and above.child_by_field_name("alias") is None:
        text = f"{new} as {old}"
    elif above.type == "dotted_name" and _is_imported(above):
        if above.named_child_count > 1:
            return None
        text = f"{old} as {new}"
    return Edit(node.start_byte, node.end_byte, text)


def _class_of_attribute(binding: Binding) -> Node | None:
    """The class that has the name as an attribute too.

    This applies to names bound in a Python class body and to `constructor(private name)`.
    """
    if binding.scope.type == "class_definition":
        return binding.scope
    for node in binding.occurrences:
        above = node.parent
        if above is not None and any(c.type == "accessibility_modifier" for c in above.children):
            return next((a for a in ancestors(node) if a.type == "class_body"), None)
    return None


def _is_imported(dotted: Node) -> bool:
    above = dotted.parent
    return above is not None and above.type in ("import_statement", "import_from_statement")


def _of_keyword_arguments(fragment: Fragment, binding: Binding, wanted: Rename) -> Iterator[Edit]:
    """Calls in the scope that pass the renamed parameter by name."""
    function = binding.scope
    name = function.child_by_field_name("name")
    if function.type != "function_definition" or name is None or not _is_parameter(binding):
        return
    for call in walk(fragment.root):
        called = call.child_by_field_name("function") if call.type == "call" else None
        arguments = call.child_by_field_name("arguments") if called is not None else None
        if called is None or arguments is None:
            continue
        if fragment.source_of(called).removeprefix("self.") != fragment.source_of(name):
            continue
        for argument in arguments.named_children:
            key = argument.child_by_field_name("name")
            if (
                argument.type == "keyword_argument"
                and key
                and fragment.source_of(key) in wanted.names
            ):
                yield Edit(key.start_byte, key.end_byte, wanted.new)


def _is_parameter(binding: Binding) -> bool:
    return any(
        any(above.type == "parameters" for above in list(ancestors(node))[:3])
        for node in binding.occurrences
    )


def _rename_attribute(fragment: Fragment, wanted: Rename, old: str) -> RecipeResult:
    edits = list(_of_attributes(fragment, fragment.root, wanted))
    if not edits:
        return RecipeResult(note=f"There is no name {old} here.")
    taken = wanted.new not in wanted.names and any(
        fragment.source_of(node) == wanted.new for node in _members(fragment, fragment.root)
    )
    if taken:
        return RecipeResult(note=f"`{wanted.new}` is an attribute here already, so {old} stays.")
    return _changed(fragment, edits)


def _of_attributes(fragment: Fragment, within: Node, wanted: Rename) -> Iterator[Edit]:
    for node in _members(fragment, within):
        if fragment.source_of(node) in wanted.names:
            yield Edit(node.start_byte, node.end_byte, wanted.new)


def _members(fragment: Fragment, within: Node) -> Iterator[Node]:
    """The names of attributes: behind `self.` and `this.`, and where a class declares them."""
    for node in walk(within):
        if node.type in ("attribute", "member_expression"):
            owner = node.child_by_field_name("object")
            name = node.child_by_field_name("attribute") or node.child_by_field_name("property")
            if owner is not None and name is not None and fragment.source_of(owner) in _RECEIVERS:
                yield name
        elif node.type in _MEMBERS and node.parent is not None and node.parent.type == "class_body":
            name = node.child_by_field_name("name") or node.child_by_field_name("property")
            if name is not None and name.type != "computed_property_name":
                yield name
