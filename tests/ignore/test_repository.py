"""What counts as a repository: what git takes for one."""

import os
from pathlib import Path

import pytest

from lsp_server.ignore.repository import Repository, workspace_above
from lsp_server.ignore.unreadable import Unreadable


def make(folder: Path) -> Path:
    for inside in ("objects", "refs"):
        (folder / inside).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    return folder


def test_a_folder(tmp_path: Path) -> None:
    assert Repository.at(str(tmp_path)) is None
    (tmp_path / ".git").mkdir()
    assert Repository.at(str(tmp_path)) is None, "an empty one hides nothing"
    make(tmp_path / ".git")
    found = Repository.at(str(tmp_path))
    assert found is not None and found.common == found.git_dir == str(tmp_path / ".git")


@pytest.mark.parametrize("words", ["gitdir: real\n", "gitdir: {}/real"])
def test_a_file_that_names_it(tmp_path: Path, words: str) -> None:
    make(tmp_path / "real")
    (tmp_path / ".git").write_text(words.format(tmp_path))
    found = Repository.at(str(tmp_path))
    assert found is not None and Path(found.common) == tmp_path / "real"


@pytest.mark.parametrize("words", ["", "gitdir: gone", "real", "gitdir:"])
def test_a_file_that_names_none(tmp_path: Path, words: str) -> None:
    make(tmp_path / "real")
    (tmp_path / ".git").write_text(words)
    assert Repository.at(str(tmp_path)) is None


@pytest.mark.parametrize("where", [".git", "real/commondir", "real/objects"])
@pytest.mark.parametrize("how", ["long", "circle", "pipe"])
def test_what_cannot_be_known_is_not_taken_for_none(tmp_path: Path, where: str, how: str) -> None:
    make(tmp_path / "real")
    (tmp_path / ".git").write_text("gitdir: real\n")
    path = tmp_path / where
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    if how == "circle" or where == "real/objects":
        path.symlink_to(path.name)
    elif how == "pipe":
        os.mkfifo(path)
    else:
        path.write_text("x" * 20_000)
    with pytest.raises(Unreadable):
        Repository.at(str(tmp_path))


def test_the_workspace_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "w/a/b").mkdir(parents=True)
    (tmp_path / "w/.git").mkdir()
    assert workspace_above(tmp_path / "w/a/b/c.py") == tmp_path / "w"
    (tmp_path / "w/a/.midstream.toml").write_text("")
    assert workspace_above(tmp_path / "w/a/b/c.py") == tmp_path / "w/a"
