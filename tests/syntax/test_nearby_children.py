"""Of a node with hundreds of children those at a place are looked at."""

import pytest
from tree_sitter import Node

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.nearby_children import FEW, first_members, members_near
from lsp_server.syntax.outline import imports, outline
from lsp_server.syntax.tree import DocumentTree


def tree_of(count: int) -> DocumentTree:
    python = language_for("python")
    assert python is not None
    return DocumentTree(
        python, "import os\n" + "".join(f"def f{n}():\n    g{n}\n" for n in range(count))
    )


def names(tree: DocumentTree, nodes: list[Node]) -> list[str]:
    return [tree.span_of(node).text(tree.text).split("(")[0].removeprefix("def ") for node in nodes]


def test_few_are_all_there() -> None:
    tree = tree_of(FEW - 2)
    assert members_near(tree.root, 0, lambda node: False) == tree.root.named_children
    assert first_members(tree.root) == tree.root.named_children


@pytest.mark.parametrize("at", [0, 400, 999])
def test_of_many_those_at_the_place_and_those_that_are_wanted(at: int) -> None:
    tree = tree_of(1000)
    place = tree.byte_of(tree.text.index(f"def f{at}("))
    found = names(tree, members_near(tree.root, place, lambda node: False))
    assert f"f{at}" in found
    assert len(found) < 300
    wanted = tree.root.named_children[700]
    more = names(tree, members_near(tree.root, place, lambda node: node == wanted))
    assert set(more) == {*found, *names(tree, [wanted])}


def test_of_very_many_only_those_at_the_place() -> None:
    tree = tree_of(5000)
    place = tree.byte_of(tree.text.index("def f2500("))
    found = names(tree, members_near(tree.root, place, lambda node: True))
    assert "f2500" in found
    assert len(found) < 300
    assert names(tree, first_members(tree.root))[:2] == ["import os\n"[:-1], "f0"]
    assert len(imports(tree.text, None, tree)) == 1


def test_the_outline_has_what_is_near_and_what_is_named() -> None:
    tree = tree_of(1000)
    near = (tree.text.index("def f500("), frozenset({"f3", "g900"}))
    found = [entry.name for entry in outline(tree.text, None, tree, near)]
    assert {"f3", "f499", "f500", "f501"} <= set(found)
    assert "f900" not in found, "It uses the name, and is not called so."
    assert len(found) < 300
    assert len(outline(tree.text, None, tree)) == 1000
