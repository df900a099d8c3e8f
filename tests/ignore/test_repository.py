"""What counts as a repository: what git takes for one."""

from pathlib import Path

import pytest

from lsp_server.ignore.repository import Repository, workspace_above


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


@pytest.mark.parametrize("words", ["", "gitdir: gone", "real", "gitdir:", "x" * 20_000])
def test_a_file_that_names_none(tmp_path: Path, words: str) -> None:
    make(tmp_path / "real")
    (tmp_path / ".git").write_text(words)
    assert Repository.at(str(tmp_path)) is None


def test_the_workspace_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "w/a/b").mkdir(parents=True)
    (tmp_path / "w/.git").mkdir()
    assert workspace_above(tmp_path / "w/a/b/c.py") == tmp_path / "w"
    (tmp_path / "w/a/.midstream.toml").write_text("")
    assert workspace_above(tmp_path / "w/a/b/c.py") == tmp_path / "w/a"
