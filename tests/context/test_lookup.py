"""Lookups: what they never do, whatever the files are, and symbols."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.context.lookup import ContextLookup
from lsp_server.context.query import ContextQuery
from lsp_server.prompt.pieces import ContextPiece
from lsp_server.text.span import Span
from tests.context.worlds import World, build, document, looked_up, place_of

SHOP = {
    "a.py": "from b import one, two\nimport c\n««\ndef f():\n    one() + two() + c.three()\n»»\n",
    "b.py": "def one():\n    return 1\n\n\ndef two():\n    return 2\n",
    "c.py": "def three():\n    return 3\n",
}


@pytest.fixture
def lookup(tmp_path: Path) -> Iterator[ContextLookup]:
    made = ContextLookup(tmp_path.parent / f"{tmp_path.name}-index", processes=False)
    yield made
    made.close()


@pytest.fixture
def shop(tmp_path: Path) -> World:
    return build(tmp_path, SHOP)


def places(lookup: ContextLookup, query: ContextQuery) -> list[str]:
    return [place_of(piece) for piece in looked_up(lookup, query)]


def test_what_may_not_be_sent_is_not(lookup: ContextLookup, shop: World) -> None:
    assert places(lookup, shop.query()) == [
        "definition b.py:1-2",
        "definition b.py:5-6",
        "definition c.py:1-2",
    ]
    (shop.root / ".gitignore").write_text("b.py\n")
    assert places(lookup, shop.query()) == ["definition c.py:1-2"]
    assert places(lookup, shop.query(lambda path: False)) == []


def test_a_link_out_of_the_workspace_is_not_followed(lookup: ContextLookup, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.py").write_text("def one(): return 'secret'\n")
    world = build(tmp_path / "work", {key: SHOP[key] for key in ("a.py", "c.py")})
    (tmp_path / "work" / "b.py").symlink_to(tmp_path / "out" / "b.py")
    inside = (tmp_path / "work").resolve()
    found = looked_up(lookup, world.query(lambda path: path.resolve().is_relative_to(inside)))
    assert [piece.path for piece in found] == ["c.py"]


def test_it_stops_when_it_is_over(lookup: ContextLookup, shop: World) -> None:
    found: list[ContextPiece] = []
    lookup.look_up(shop.query(), found.append, lambda: bool(found))
    assert len(found) == 1
    assert looked_up(lookup, shop.query(), lambda: True) == []


def test_each_part_can_be_turned_off(lookup: ContextLookup, shop: World) -> None:
    opened = document(shop.root / "b.py", SHOP["b.py"] + "three = 3\n")
    query = replace(shop.query(), open_documents=(opened,))
    kinds = {piece.why for piece in looked_up(lookup, query)}
    assert kinds == {"definition", "open"}
    assert {p.why for p in looked_up(lookup, replace(query, open=False))} == {"definition"}
    assert {p.why for p in looked_up(lookup, replace(query, definitions=False))} == {"open"}


def test_no_line_is_sent_twice(lookup: ContextLookup, shop: World) -> None:
    opened = document(shop.root / "b.py", SHOP["b.py"])
    found = looked_up(lookup, replace(shop.query(), open_documents=(opened,)))
    lines = [
        (piece.path, piece.line + each)
        for piece in found
        for each in range(len(piece.text.splitlines()))
    ]
    assert len(lines) == len(set(lines))


def test_windows_line_ends_and_other_bytes_stay(lookup: ContextLookup, tmp_path: Path) -> None:
    world = build(tmp_path, {"a.py": SHOP["a.py"]})
    (tmp_path / "b.py").write_bytes(b"x = 1\r\n\r\ndef one():\r\n    return '\xff\xc3\xa9'\r\n")
    assert [piece.text for piece in looked_up(lookup, world.query())] == [
        "def one():\r\n    return '\ufffdé'\r\n"
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        "missing",
        "folder",
        "pipe",
        "circle",
        "binary",
        "too long",
        "nested",
        "generated",
        "minified",
        "empty",
    ],
)
def test_bad_files_are_left_out(lookup: ContextLookup, shop: World, spoil: str) -> None:
    path = shop.root / "b.py"
    path.unlink()
    match spoil:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "circle":
            path.symlink_to(path)
        case "binary":
            path.write_bytes(b"def one(): pass\n\0\1")
        case "too long":
            path.write_text("def one(): pass\n" + "#\n" * 300_000)
        case "nested":
            path.write_text("def one(): pass\n" + "(" * 100_000)
        case "generated":
            path.write_text("# @generated\ndef one(): pass\n")
        case "minified":
            path.write_text("def one(): pass\n" + "x = 1;" * 10_000)
        case "empty":
            path.write_text("")
    found = places(lookup, shop.query())
    assert found[-1] == "definition c.py:1-2"
    assert len(found) == 1 or spoil == "nested"


def test_a_file_that_changes_while_it_is_read(lookup: ContextLookup, shop: World) -> None:
    texts = [f"# {'x' * size}\n" * size + "def one():\n    return 1\n" for size in (1, 50, 200)]
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for text in texts:
                (shop.root / "b.py").write_text(text)
                time.sleep(0.01)

    writer = threading.Thread(target=change)
    writer.start()
    try:
        for _ in range(50):
            for piece in looked_up(lookup, shop.query()):
                # What a writer has not finished is a beginning of its text.
                assert any(piece.text in text for text in (*texts, *SHOP.values()))
    finally:
        stop.set()
        writer.join()
    (shop.root / "b.py").write_text(texts[1])
    os.utime(shop.root / "b.py", (1, 1))
    assert "definition b.py:39-52" in places(lookup, shop.query())


def test_a_scope_anywhere_is_no_fault(lookup: ContextLookup, shop: World) -> None:
    for text in ("", "def f(", "((((", "\0", "\ud800", SHOP["b.py"]):
        for name in ("a.py", "a.unknown", "a"):
            opened = document(shop.root / name, text)
            for end in {0, len(text)}:
                query = replace(shop.query(), document=opened, scope=Span(0, end))
                looked_up(lookup, query)


def test_a_fault_of_ours_is_no_fault_of_the_edit(
    lookup: ContextLookup, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> bool:
        raise RuntimeError("no")

    assert looked_up(lookup, shop.query(fail)) == []
    assert lookup.symbol("one", shop.query(fail)) is None


def test_an_import_that_is_new_on_the_disk(lookup: ContextLookup, tmp_path: Path) -> None:
    world = build(tmp_path, {"a.py": "from b import one\n««\ndef f(): one()\n»»\n", "b.py": ""})
    assert places(lookup, world.query()) == []
    (tmp_path / "b.py").write_text("\ndef one(): pass\n")
    assert places(lookup, world.query()) == ["definition b.py:2-2"]


# -- symbols -----------------------------------------------------------------------------------


SYMBOLS = {
    "a.py": "from b import one\n««\ndef f():\n    pass\n»»\n",
    "b.py": "class Shop:\n    def total(self):\n        return 1\n\n\ndef one():\n    return 1\n",
    "far/away.py": "class Cart:\n    def total(self):\n        return 2\n\n\ndef one(): pass\n",
    "test_far.py": "def helper():\n    pass\n",
    "z/helpers.py": "def helper():\n    pass\n",
}


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("one", "mention b.py:6-7"),
        ("Shop", "mention b.py:1-3"),
        ("Cart.total", "mention far/away.py:2-3"),
        ("Cart::total", "mention far/away.py:2-3"),
        ("helper", "mention z/helpers.py:1-2"),
        ("f", "mention a.py:2-3"),
        ("missing", ""),
        ("Shop.missing", ""),
        ("", ""),
        (".", ""),
    ],
)
def test_symbols(lookup: ContextLookup, tmp_path: Path, name: str, place: str) -> None:
    world = build(tmp_path, SYMBOLS)
    assert lookup.build_index((tmp_path,), lambda: False)
    found = lookup.symbol(name, world.query())
    assert ("" if found is None else place_of(found)) == place


def test_a_symbol_that_may_not_be_sent(lookup: ContextLookup, tmp_path: Path) -> None:
    world = build(tmp_path, SYMBOLS)
    assert lookup.build_index((tmp_path,), lambda: False)
    found = lookup.symbol("one", world.query(lambda path: path.name != "b.py"))
    assert found is not None and found.path == "far/away.py"
