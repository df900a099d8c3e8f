"""What a `look` script knows: the text, and ways to look at it. Runs in the check's process."""

import ast
import json
import re
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

from tree_sitter import Language, Node, Parser

__all__ = ["Fault", "declared", "nodes", "parsed", "sight", "tree"]

_GRAMMARS = {
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "shellscript": ("tree_sitter_bash", "language"),
}
_VOID = frozenset({"br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


class Fault(AssertionError):
    """Something is not as it should be."""


def parsed(text: str, language: str) -> Node:
    """The root of the tree. Raises `Fault` for a text with errors."""
    root = tree(text, language)
    if root.has_error:
        raise Fault("the file has syntax errors")
    return root


def tree(text: str, language: str) -> Node:
    """The root of the tree, whether the text is sound or not."""
    module, factory = _GRAMMARS.get(language, (f"tree_sitter_{language}", "language"))
    grammar = Language(getattr(import_module(module), factory)())
    return Parser(grammar).parse(text.encode()).root_node


def nodes(root: Node, kind: str = "") -> Iterator[Node]:
    """All nodes below, and `root`, or those whose type holds `kind`."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if kind in node.type:
            yield node
        waiting += node.children[::-1]


def comments_of(text: str, language: str) -> list[str]:
    """The comments, as they stand, with what begins them. For Python also the docstrings."""
    root = parsed(text, language)
    found = [_text(node) for node in nodes(root, "comment")]
    if language == "python":
        found += [
            _text(node)
            for node in nodes(root, "string")
            if node.parent is not None
            and node.type == "string"
            and node.parent.type in ("expression_statement", "block", "module")
        ]
    return found


def code_of(text: str, language: str) -> str:
    """The text without its comments (which are bytes of blanks then)."""
    source = bytearray(text.encode())
    for node in nodes(parsed(text, language), "comment"):
        source[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return source.decode()


def names_in(text: str, language: str) -> Counter[str]:
    """The names of the code, without those in comments and strings, and how often each stands."""
    root = parsed(text, language)
    return Counter(_text(n) for n in nodes(root) if "identifier" in n.type and not n.children)


def block_of(text: str, language: str, beginning: str) -> str:
    """The smallest node that begins with these words, as text, and has more than one line.

    Good for a function: `block_of("func Sum(")`. Raises `Fault` if there is none.
    """
    root = parsed(text, language)
    known = [n for n in nodes(root) if _text(n).startswith(beginning) and "\n" in _text(n)]
    if not known:
        raise Fault(f"nothing begins with {beginning!r}")
    return min((_text(node) for node in known), key=len)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


class Element:
    """An HTML element: its tag, attributes, children and the text in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element] = []
        self.pieces: list[str] = []

    def all(self, tag: str = "") -> list["Element"]:
        """All elements below with the tag, in the order of the text."""
        found = []
        for child in self.children:
            found += [child] * (not tag or child.tag == tag) + child.all(tag)
        return found

    @property
    def text(self) -> str:
        """The words in it and below, parted by single blanks."""
        return " ".join(" ".join(self.pieces).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self.open[-1].tag != tag:
            raise Fault(f"</{tag}> closes <{self.open[-1].tag}>")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.pieces.append(data)


def html(text: str) -> Element:
    """The tree of a page. Raises `Fault` where a tag is closed that is not the open one."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if len(reader.open) > 1:
        raise Fault(f"<{reader.open[-1].tag}> is not closed")
    return reader.root


def css(text: str) -> dict[str, dict[str, str]]:
    """What is declared for each selector; those in `@media X` are called `@media X | selector`."""
    parsed(text, "css")
    bare = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    found: dict[str, dict[str, str]] = {}
    around: list[str] = []
    for before, mark in re.findall(r"([^{};]*)([{};])", bare):
        words = " ".join(before.split())
        if mark == "{":
            around.append(words)
            continue
        name, colon, value = words.partition(":")
        if colon and around:
            media = [f"{outer} | " for outer in around[:-1]]
            for selector in around[-1].split(","):
                key = "".join(media) + selector.strip()
                found.setdefault(key, {})[name.strip().lower()] = value.strip()
        if mark == "}":
            around.pop()
    return found


def database(text: str) -> sqlite3.Connection:
    """A database in memory in which the script was run."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(text)
    return connection


def sight(file: str, language: str) -> dict[str, object]:
    """The names a `look` script knows."""
    text, was = Path(file).read_text("utf-8"), Path("was").read_text("utf-8")
    bound: dict[str, Callable[..., object]] = {
        "parsed": parsed,
        "names": names_in,
        "comments": comments_of,
        "code": code_of,
    }
    sight: dict[str, object] = {
        name: (lambda given=text, about=function: about(given, language))
        for name, function in bound.items()
    }
    sight |= {"text": text, "was": was, "language": language, "nodes": nodes, "Counter": Counter}
    sight |= {"ast": ast, "json": json, "re": re, "tomllib": tomllib, "html": html, "css": css}
    sight |= {"database": database, "block": lambda words: block_of(text, language, words)}
    sight["intact"] = lambda most: intact(was, text, language, most)
    sight["lines"] = [line.rstrip() for line in text.splitlines() if line.strip()]
    sight["yaml"] = import_module("yaml").safe_load if language == "yaml" else None
    return sight


def intact(was: str, text: str, language: str, most: int) -> None:
    """Raises `Fault` if more lines are lost than `most`, or anything that was declared."""
    lost = (_stripped(was) - _stripped(text)).total()
    if lost > most:
        raise Fault(f"{lost} lines are lost")
    if gone := declared(was, language) - declared(text, language):
        raise Fault(f"no longer declared: {sorted(gone)}")


def declared(text: str, language: str) -> set[str]:
    """The names of functions, methods, classes and the like."""
    found = set()
    for node in nodes(tree(text, language)):
        if re.search(r"function|method|class|struct|interface|enum", node.type):
            name = node.child_by_field_name("name") or node.child_by_field_name("declarator")
            if name is not None and not name.children:
                found.add(_text(name))
    return found


def _stripped(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.strip())
