"""Which files of a workspace may be read for a prompt."""

import os
from pathlib import Path

import pytest

from lsp_server.context.workspace_files import (
    MOST_BYTES,
    NotReadError,
    WorkspaceFiles,
    WorkspaceFolders,
)
from lsp_server.ignore import Ignore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace's folder, with files around it."""
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "shop/money.py").write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    (tmp_path / "private.txt").write_text("mine", "utf-8")
    return root


def _files() -> WorkspaceFiles:
    return WorkspaceFiles(Ignore({"HOME": "/nowhere"}))


def _folders(root: Path) -> WorkspaceFolders:
    return WorkspaceFolders((root,), ("*.pem",))


def _what(root: Path, path: Path, *, outside: bool = False) -> str:
    with pytest.raises(NotReadError) as caught:
        _files().text(path, _folders(root), outside=outside)
    return caught.value.what


def test_a_file_without_its_byte_order_mark(root: Path) -> None:
    assert _files().text(root / "shop/money.py", _folders(root)) == "a = 1\r\n"
    assert _files().of_lookup(_folders(root)).may_send(root / "shop/money.py")


def test_a_byte_that_is_no_text_does_no_harm(root: Path) -> None:
    (root / "latin.py").write_bytes(b"# caf\xe9\n")
    assert _files().text(root / "latin.py", _folders(root)) == "# caf\ufffd\n"


def test_what_is_not_read(root: Path) -> None:
    (root / "key.pem").write_text("key", "utf-8")
    (root / "a.out").write_bytes(b"\x7fELF\0")
    (root / "data.json").write_bytes(b"1" * (MOST_BYTES + 1))
    (root / "out").symlink_to(root.parent / "private.txt")
    (root / "away").symlink_to(root.parent, target_is_directory=True)
    (root / "broken").symlink_to("nothing")
    (root / "circle").symlink_to("circle")
    os.mkfifo(root / "pipe")
    assert _what(root, root / "missing.py") == "doesn't exist"
    assert _what(root, root / "shop") == "is a folder"
    assert _what(root, root / "key.pem") == "is ignored (the setting `ignore`)"
    assert _what(root, root / "a.out") == "isn't text"
    assert _what(root, root / "data.json") == "is larger than 1,000,000 bytes"
    assert _what(root, root / "out") == "is a link that leads out of the workspace"
    assert "leads out" in _what(root, root / "away/private.txt")
    assert _what(root, root / "broken") == "doesn't exist"
    assert _what(root, root / "pipe") == "can't be read (it is not a regular file)"
    assert _what(root, root.parent / "private.txt") == "is outside of the workspace"
    for name in ("key.pem", "out", "away/private.txt", "circle"):
        assert not _files().of_lookup(_folders(root)).may_send(root / name)


def test_a_file_outside_only_if_the_user_names_it(root: Path) -> None:
    private = root.parent / "private.txt"
    assert _files().text(private, _folders(root), outside=True) == "mine"
    (root.parent / ".midstreamignore").write_text("private.txt\n", "utf-8")
    assert "is ignored" in _what(root, private, outside=True)
    (root / "out").symlink_to(root.parent / "other.txt")
    assert "leads out" in _what(root, root / "out", outside=True)


def test_a_link_within_the_workspace_is_followed(root: Path) -> None:
    (root / "link.py").symlink_to("shop/money.py")
    assert _files().text(root / "link.py", _folders(root)) == "a = 1\r\n"


def test_the_innermost_folder_names_a_file(root: Path) -> None:
    folders = WorkspaceFolders((root, root / "shop"))
    assert folders.shown(root / "shop/money.py") == "money.py"
    assert folders.shown(root / "a/b.py") == "a/b.py"
    assert folders.shown(root.parent / "private.txt") == "private.txt"
