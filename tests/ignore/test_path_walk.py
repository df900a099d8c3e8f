"""All the paths that one path stands for."""

from pathlib import Path

import pytest

from lsp_server.ignore.path_walk import MOST_FOLDERS, PathWalk, ways
from lsp_server.ignore.unreadable import Unreadable


def test_without_links_there_is_one(tmp_path: Path) -> None:
    assert ways(f"{tmp_path}/a/../b/./c") == (f"{tmp_path}/b/c",)
    assert ways("/gone/\0x") == ("/gone/\0x",)


def test_every_step_of_a_link_is_named(tmp_path: Path) -> None:
    (tmp_path / "real/deep").mkdir(parents=True)
    (tmp_path / "real/deep/file").write_text("")
    (tmp_path / "two").symlink_to("real/deep")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    assert ways(str(tmp_path / "one/file")) == (
        str(tmp_path / "one/file"),
        str(tmp_path / "two/file"),
        str(tmp_path / "real/deep/file"),
    )
    # Behind a link `..` is the folder above the one that it leads to.
    (tmp_path / "real/file").write_text("")
    assert ways(f"{tmp_path}/one/../file")[-1] == str(tmp_path / "real/file")


def test_a_circle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(Unreadable, match="circle"):
        ways(str(tmp_path / "a"))


def test_a_way_in_pieces() -> None:
    way = PathWalk.of("/a/bc/d")
    assert way.folders == ("/", "/a", "/a/bc")
    assert (way.piece(0, 0), way.piece(1, 2), way.piece(0, 2)) == (b"a", b"bc/d", b"a/bc/d")
    assert (way.depth_of("/a"), way.depth_of("/bc")) == (1, None)
    with pytest.raises(Unreadable, match="folders"):
        PathWalk.of("/d" * (MOST_FOLDERS + 1))
