"""What an editor's addresses mean."""

from pathlib import Path

import pytest

from lsp_server.errors import RequestFailed
from lsp_server.lsp.uris import path_from, paths_meant, roots_after, roots_of


def test_path_from() -> None:
    assert path_from("untitled:x") is None
    assert path_from("https://host/a.py") is None
    assert path_from("file://[") is None
    path = path_from("file:///tmp/a%20b.py")
    assert path is not None and path.as_posix().endswith("/tmp/a b.py")
    assert path_from("file://localhost/tmp/a.py") == Path("/tmp/a.py")


def test_paths_meant() -> None:
    assert paths_meant("untitled:x") == ()
    assert paths_meant("file:///a/b.py") == ("/a/b.py",)
    assert paths_meant("file:///a#b/c.py") == ("/a", "/a#b/c.py")
    assert paths_meant("git:/a/b.py?ref=x") == ("/a/b.py", "/a/b.py?ref=x")
    with pytest.raises(RequestFailed):
        paths_meant("file://[")


def test_roots() -> None:
    folders = [{"uri": "file:///a", "name": "a"}, {"uri": "file:///b"}, {"uri": 3}, None]
    assert roots_of({"workspaceFolders": folders, "rootUri": "file:///c"}) == (
        Path("/a"),
        Path("/b"),
    )
    assert roots_of({"workspaceFolders": [], "rootUri": "file:///c"}) == (Path("/c"),)
    assert roots_of({"workspaceFolders": None, "rootPath": "/d"}) == (Path("/d"),)
    assert roots_of({"rootUri": "untitled:x"}) == ()


@pytest.mark.parametrize(
    "params", [None, {}, {"event": 3}, {"event": {"added": 3, "removed": "x"}}]
)
def test_folders_that_come_in_no_sensible_way(params: object) -> None:
    assert roots_after((Path("/a"),), params) == (Path("/a"),)


def test_folders_come_and_go() -> None:
    event = {"added": [{"uri": "file:///c"}], "removed": [{"uri": "file:///a"}]}
    assert roots_after((Path("/a"), Path("/b")), {"event": event}) == (Path("/b"), Path("/c"))
