"""Finds which occurrences of a name mean the same thing.

An occurrence is an identifier that is looked up, not an attribute, a key, a keyword argument or a
label. It belongs to the nearest enclosing scope that declares, assigns or imports the name. A name
that the text does not bind belongs to the whole text.

`python_scopes` and `script_scopes` have the rules of the languages; this module only resolves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tree_sitter import Node

from lsp_server.practice.fragment import Fragment, walk
from lsp_server.practice.python_scopes import PythonRules
from lsp_server.practice.script_scopes import ScriptRules


class BindingRules(Protocol):
    """A language's rules for names."""

    def is_name(self, node: Node) -> bool:
        """Whether the node is an occurrence of a name."""

    def scope_of(self, node: Node) -> Node:
        """The scope in which the occurrence is looked up or bound."""

    def outer(self, scope: Node) -> Node | None:
        """The scope around a scope. None for the outermost one."""

    def binds(self, node: Node) -> Node | None:
        """The scope in which this occurrence binds its name. None if it only uses the name."""

    def redirected(self, node: Node) -> str | None:
        """ "global" or "nonlocal" if the occurrence is in such a statement."""

    def hides(self, scope: Node) -> bool:
        """Whether names of the scope are invisible in the scopes inside it."""


@dataclass(slots=True)
class Binding:
    """One meaning of a name."""

    scope: Node
    bound: bool = False
    """Whether the text itself binds the name."""
    occurrences: list[Node] = field(default_factory=list)


def bindings_of(fragment: Fragment, names: frozenset[str]) -> list[Binding]:
    """The meanings of a name, in source order.

    After a rename that was cut there is more than one spelling, and all mean the same.
    """
    rules: BindingRules = PythonRules() if fragment.is_python else ScriptRules()
    found = [n for n in walk(fragment.root) if rules.is_name(n) and fragment.source_of(n) in names]
    redirects: dict[int, str] = {}
    for node in found:
        how = rules.redirected(node)
        if how is not None:
            redirects[rules.scope_of(node).id] = how
    bindings: dict[int, Binding] = {}
    for node in found:
        scope = rules.binds(node)
        if scope is not None and scope.id not in redirects:
            bindings.setdefault(scope.id, Binding(scope)).bound = True
    for node in found:
        start = rules.binds(node) or rules.scope_of(node)
        scope = _resolve(rules, start, bindings, redirects, fragment.root)
        bindings.setdefault(scope.id, Binding(scope)).occurrences.append(node)
    return [binding for binding in bindings.values() if binding.occurrences]


def outermost(bindings: Iterable[Binding]) -> list[Binding]:
    """Bindings that are not inside another one. Those that the text binds exclude the others."""
    every = list(bindings)
    bound = [binding for binding in every if binding.bound] or every
    return [one for one in bound if not any(_is_within(one.scope, b.scope) for b in bound)]


def names_in(fragment: Fragment) -> frozenset[str]:
    """All names that are bound or looked up."""
    rules: BindingRules = PythonRules() if fragment.is_python else ScriptRules()
    return frozenset(
        fragment.source_of(node) for node in walk(fragment.root) if rules.is_name(node)
    )


def _resolve(
    rules: BindingRules,
    start: Node,
    bindings: dict[int, Binding],
    redirects: dict[int, str],
    root: Node,
) -> Node:
    scope: Node | None = start
    while scope is not None:
        how = redirects.get(scope.id)
        if how == "global":
            return root
        seen = scope.id == start.id or not rules.hides(scope)
        if how is None and seen and scope.id in bindings:
            return scope
        scope = rules.outer(scope)
    return root


def _is_within(inner: Node, outer: Node) -> bool:
    return (
        inner.id != outer.id
        and outer.start_byte <= inner.start_byte
        and inner.end_byte <= outer.end_byte
    )
