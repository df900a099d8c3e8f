"""Which rules files are read, and which are left alone."""

from pathlib import Path

import pytest

from lsp_server.lsp.rules import rules_of


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
