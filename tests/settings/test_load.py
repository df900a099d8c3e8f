"""Settings from files: what may be in them, and what may be in their place."""

import os
from pathlib import Path

import pytest

from lsp_server.choices import Publish
from lsp_server.settings import Settings, load, user_file


def loaded_from(tmp_path: Path, content: bytes) -> tuple[Settings, list[str]]:
    (tmp_path / ".midstream.toml").write_bytes(content)
    loaded = load(workspace=tmp_path, user=tmp_path / "none" / "config.toml")
    return loaded.settings, [problem.sentence for problem in loaded.problems]


def test_the_users_file_has_its_own_name_and_the_platforms_folder() -> None:
    assert user_file().name == "config.toml"
    assert user_file().parent.name == "midstream"


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    loaded = load(workspace=tmp_path, user=tmp_path / "config.toml")
    assert loaded.settings == Settings()
    assert loaded.problems == ()


def test_all_four_places(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text('publish = "token"\npatch_from_lines = 1\nmax_edits_per_second = 1\n')
    (tmp_path / ".midstream.toml").write_text("patch_from_lines = 2\nmax_edits_per_second = 2\n")
    loaded = load(
        workspace=tmp_path,
        user=user,
        initialization={"maxEditsPerSecond": 3, "cancelLeaves": "raw"},
        configuration={"cancelLeaves": "original"},
    )
    settings = loaded.settings
    assert loaded.problems == ()
    assert settings.publish is Publish.TOKEN
    assert (settings.patch_from_lines, settings.max_edits_per_second) == (2, 3)
    assert settings.cancel_leaves == "original"


def test_windows_editors_write_a_mark_and_their_own_line_ends(tmp_path: Path) -> None:
    settings, problems = loaded_from(tmp_path, b'\xef\xbb\xbfpublish = "line"\r\n')
    assert settings.publish is Publish.LINE
    assert problems == []


@pytest.mark.parametrize(
    ("content", "needle"),
    [
        (b"publish = 'line'\nx ==\n", ".midstream.toml isn't valid TOML in line 2: invalid value"),
        (b"x = [1,", ".midstream.toml isn't valid TOML at its end: "),
        (b"x = 1\nx = 2\n", "isn't valid TOML"),
        (b"\xff\xfe\x00", "isn't in UTF-8"),
        (b"x = " + b"[" * 60_000, "is nested too deeply"),
        (b"x = " + b"[" * 39 + b"]" * 38, "isn't valid TOML"),
        (b"#" * 65_537, "is larger than"),
    ],
)
def test_a_broken_file_is_a_sentence(tmp_path: Path, content: bytes, needle: str) -> None:
    settings, problems = loaded_from(tmp_path, content)
    assert settings == Settings(ignore_fault=problems[0])
    assert len(problems) == 1
    assert needle in problems[0]
    assert problems[0].endswith("Until that is fixed, no code is sent to a model.")


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / ".midstream.toml").mkdir()
    (problem,) = load(workspace=tmp_path, user=tmp_path / "none").problems
    assert "it isn't a file" in problem.sentence


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_of_that_name_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".midstream.toml")
    (problem,) = load(workspace=tmp_path, user=tmp_path / "none").problems
    assert "it isn't a file" in problem.sentence


def test_a_problem_in_the_users_file_names_its_path(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("pubish = 1\n")
    (problem,) = load(user=path).problems
    assert problem.sentence == (f"`pubish` in {path} isn't a setting; did you mean `publish`?")
