"""Which rules files are read, and which are left alone."""

from pathlib import Path

import pytest

from lsp_server.ignore import Ignore
from lsp_server.lsp.project_rules import RulesFiles


def rules_of(root: Path | None) -> str:
    return RulesFiles(Ignore({"HOME": "/nowhere"})).of(root, (), ("*.private.md",))


def test_both_files_in_their_order(tmp_path: Path) -> None:
    assert rules_of(None) == ""
    assert rules_of(tmp_path) == ""
    (tmp_path / "AGENTS.md").write_text("Use tabs.\n", "utf-8")
    assert rules_of(tmp_path) == "Use tabs."
    (tmp_path / ".midstream").mkdir()
    (tmp_path / ".midstream/rules.md").write_text("No globals.\n", "utf-8")
    assert rules_of(tmp_path) == "No globals.\n\nUse tabs."


@pytest.mark.parametrize("kind", ["folder", "huge", "link"])
def test_what_is_left_alone(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    file = root / "AGENTS.md"
    if kind == "folder":
        file.mkdir()
    elif kind == "huge":
        file.write_text("x" * 300_000, "utf-8")
    else:
        (tmp_path / "private.txt").write_text("mine", "utf-8")
        file.symlink_to(tmp_path / "private.txt")
    assert rules_of(root) == ""


def test_a_rules_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    files = RulesFiles(Ignore({"HOME": "/nowhere"}))
    for text in ("Use tabs.", "Use blanks.", ""):
        (tmp_path / "AGENTS.md").write_text(text, "utf-8")
        assert files.of(tmp_path, (tmp_path,), ()) == text


def test_one_that_is_ignored_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("Use tabs.", "utf-8")
    (tmp_path / ".midstreamignore").write_text("AGENTS.md\n", "utf-8")
    assert rules_of(tmp_path) == ""
    (tmp_path / ".midstreamignore").unlink()
    (tmp_path / "x.private.md").write_text("mine", "utf-8")
    (tmp_path / ".midstream").mkdir()
    (tmp_path / ".midstream/rules.md").symlink_to("../x.private.md")
    assert rules_of(tmp_path) == "Use tabs."
