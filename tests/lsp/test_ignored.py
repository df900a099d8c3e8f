"""Which files are never sent to a model."""

from pathlib import Path

import pytest

from lsp_server.lsp.ignored import ignored_by


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with ignore files in two of its folders."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("build/\n*.log\n# comment\n\n!keep.log\n")
    (tmp_path / ".midstreamignore").write_text("/secrets\n")
    (tmp_path / "deep" / ".gitignore").write_text("/er/*.tmp\n")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "by"),
    [
        ("a.py", None),
        ("a.log", ".gitignore"),
        ("deep/a.log", ".gitignore"),
        ("keep.log", None),
        ("build/x/a.py", ".gitignore"),
        ("deep/build/a.py", ".gitignore"),
        ("secrets/key.py", ".midstreamignore"),
        ("deep/secrets/key.py", None),
        ("deep/er/a.tmp", ".gitignore"),
        ("er/a.tmp", None),
        ("deep/a.pem", "settings"),
        ("vendor/a.py", "settings"),
        ("deep/vendor/a.py", None),
    ],
)
def test_ignored_by(root: Path, path: str, by: str | None) -> None:
    assert ignored_by(root / path, root, ("*.pem", "/vendor/")) == by


def test_a_deeper_file_may_take_back_what_one_above_says(root: Path) -> None:
    (root / "deep" / ".gitignore").write_text("!a.log\n")
    assert ignored_by(root / "deep" / "a.log", root, ()) is None
    assert ignored_by(root / "deep" / "b.log", root, ()) == ".gitignore"


def test_one_ignore_file_takes_back_nothing_of_another(root: Path) -> None:
    """A repository's own file must not open what the user's settings close."""
    (root / ".midstreamignore").write_text("!*.log\n!*.pem\n")
    assert ignored_by(root / "a.log", root, ()) == ".gitignore"
    assert ignored_by(root / "a.pem", root, ("*.pem",)) == "settings"


def test_the_settings_can_take_out_what_they_say_themselves(root: Path) -> None:
    assert ignored_by(root / "a.pem", root, ("*.pem", "!a.pem")) is None


def test_a_file_outside_of_the_workspace_is_judged_by_its_own_folder(tmp_path: Path) -> None:
    workspace, other = tmp_path / "w", tmp_path / "o"
    workspace.mkdir()
    other.mkdir()
    (other / ".gitignore").write_text("*.log\n")
    assert ignored_by(other / "a.log", workspace, ()) == ".gitignore"
    assert ignored_by(other / "a.log", None, ()) == ".gitignore"
    assert ignored_by(other / "a.py", None, ("*.py",)) == "settings"


def test_what_cannot_be_read_says_nothing(root: Path) -> None:
    (root / "deep" / ".midstreamignore").mkdir()
    (root / ".gitignore").write_bytes(b"\xff\xfe*.py\n[\n*.log\n")
    assert ignored_by(root / "deep" / "a.py", root, ()) is None
    assert ignored_by(root / "deep" / "a.log", root, ()) == ".gitignore"
