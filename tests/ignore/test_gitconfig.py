"""git's configuration as git itself reads it."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest

from lsp_server.ignore.gitconfig import ConfigReader
from lsp_server.ignore.gitfile import parse
from lsp_server.ignore.unreadable import Unreadable

TEXTS = (
    "[core]\nexcludesFile = ~/mine\n",
    '[core] excludesfile = "a b" ; comment\n',
    "[CORE]\n\tExcludesFile=a \\\n b # c\n",
    '[core]\nexcludesfile = a\\\\b\\tc\\"d\n',
    '[core]\nexcludesfile = "a # b" c  \n',
    "[core]\nexcludesfile = one\n[other]\nexcludesfile = two\n[core]\nexcludesfile = three\n",
    '[core "x"]\nexcludesfile = two\n[core]\r\nexcludesfile = crlf\r\n',
    "[core]\nexcludesfile =\n",
    "[user]\nname = x # a comment \\\n[core]\nexcludesfile = kept\n",
    '[user]\nname = "a # b" \\\n[core]\nx = \\"\n[core]\nexcludesfile = kept\n',
    '[a "[core]"] [Core] excludesfile = one\n[core.x]\nexcludesfile = two\n[b] core = [core]\n',
    "\ufeff; first\n[core]\n# then\nexcludesfile = x;y\n",
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}


def git(environ: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        ["git", "config", *words],
        env=environ,
        cwd=environ["HOME"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.rstrip("\n")


@pytest.mark.parametrize("text", TEXTS)
def test_values_are_what_git_reads(tmp_path: Path, environ: dict[str, str], text: str) -> None:
    (tmp_path / ".gitconfig").write_text(text)
    found = [value for key, value in parse(text.encode()) if key == "core.excludesfile"]
    assert found[-1] == git(environ, "--global", "core.excludesfile")


def effective(environ: dict[str, str], git_dir: Path | None = None) -> str:
    where = None if git_dir is None else str(git_dir)
    (found,) = ConfigReader(environ).read(where, where, "/top").effective
    return found


def test_where_the_users_list_is(tmp_path: Path, environ: dict[str, str]) -> None:
    assert effective(environ) == str(tmp_path / ".config/git/ignore")
    xdg = {**environ, "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert effective(xdg) == str(tmp_path / "xdg/git/ignore")
    (tmp_path / "xdg/git").mkdir(parents=True)
    (tmp_path / "xdg/git/config").write_text("[core]\nexcludesfile = ~/one\n")
    assert effective(xdg) == str(tmp_path / "one")
    (tmp_path / ".gitconfig").write_text("[core]\nexcludesfile = two\n")
    assert effective(xdg) == "/top/two"
    named = {**xdg, "GIT_CONFIG_GLOBAL": str(tmp_path / "three")}
    (tmp_path / "three").write_text("[core]\nexcludesfile = /three\n")
    assert effective(named) == "/three"
    none = {**named, "GIT_CONFIG_GLOBAL": os.devnull}
    assert effective(none) == str(tmp_path / "xdg/git/ignore")
    counted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.excludesFile"}
    assert effective({**named, **counted, "GIT_CONFIG_VALUE_0": "/four"}) == "/four"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("'core.excludesfile'='/new one'", "/new one"),
        ("'core.excludesFile=/old' 'user.name=x'", "/old"),
        ("'core.excludesfile'='/it'\\''s'", "/it's"),
        ("'include.path'='{}/more'", "/more"),
    ],
)
def test_what_git_hands_on_to_its_programs(
    tmp_path: Path, environ: dict[str, str], words: str, found: str
) -> None:
    (tmp_path / "more").write_text("[core]\nexcludesfile = /more\n")
    environ["GIT_CONFIG_PARAMETERS"] = words.format(tmp_path)
    assert git(environ, "core.excludesfile") == found == effective(environ)


def test_what_nobody_can_read_of_it_is_refused(environ: dict[str, str]) -> None:
    environ["GIT_CONFIG_PARAMETERS"] = "'core.excludesfile"
    with pytest.raises(Unreadable, match="GIT_CONFIG_PARAMETERS can't be read"):
        effective(environ)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("gitdir:~/w/", True),
        ("gitdir:~/other/", False),
        ("gitdir:w/.git", True),
        ("gitdir:./w/.git", True),
        ("gitdir/i:~/W/", True),
        ("gitdir:~/*/.git", True),
    ],
)
def test_includes(tmp_path: Path, environ: dict[str, str], condition: str, holds: bool) -> None:
    (tmp_path / ".gitconfig").write_text(f'[includeIf "{condition}"]\npath = more\n')
    (tmp_path / "more").write_text("[core]\nexcludesfile = /more\n")
    (tmp_path / "w/.git").mkdir(parents=True)
    found = effective(environ, tmp_path / "w/.git")
    assert found == ("/more" if holds else str(tmp_path / ".config/git/ignore"))


def test_the_users_own_list_stays_when_a_repository_names_another(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    (tmp_path / ".gitconfig").write_text("[core]\nexcludesfile = /mine\n")
    (tmp_path / "config").write_text("[core]\nexcludesfile = /theirs\nignorecase = yes\n")
    known = ConfigReader(environ).read(str(tmp_path), str(tmp_path), "/top")
    assert (known.own, known.effective, known.ignore_case) == (("/mine",), ("/theirs",), (True,))


def test_includes_without_end_are_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / ".gitconfig").write_text("[include]\npath = .gitconfig\n" * 100)
    with pytest.raises(Unreadable, match="included too often"):
        effective(environ)


@pytest.mark.parametrize(
    "condition", ["onbranch:main", "hasconfig:remote.*.url:https://x/**", "later:x", "gitdir:/[["]
)
def test_under_a_condition_that_is_not_known_both_count(
    tmp_path: Path, environ: dict[str, str], condition: str
) -> None:
    (tmp_path / "more").write_text("[core]\nexcludesfile = /more\nignorecase = no\n")
    include = f'[includeIf "{condition}"]\npath = more\n'
    (tmp_path / ".gitconfig").write_text(include)
    known = ConfigReader(environ).read(str(tmp_path), str(tmp_path), "/top")
    assert known.effective == known.own == ("/more", str(tmp_path / ".config/git/ignore"))
    assert known.ignore_case == (False, None)
    mine = "[core]\nexcludesfile = /mine\nignorecase = yes\n"
    (tmp_path / ".gitconfig").write_text(mine + include)
    known = ConfigReader(environ).read(str(tmp_path), str(tmp_path), "/top")
    assert (known.effective, known.ignore_case) == (("/more", "/mine"), (False, True))
    (tmp_path / ".gitconfig").write_text(include + mine)
    known = ConfigReader(environ).read(str(tmp_path), str(tmp_path), "/top")
    assert (known.effective, known.ignore_case) == (("/mine",), (True,))


def test_conditions_without_end_are_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    text = ""
    for number in range(30):
        (tmp_path / str(number)).write_text(f"[core]\nexcludesfile = /{number}\n")
        text += f'[includeIf "onbranch:{number}"]\npath = {number}\n'
    (tmp_path / ".gitconfig").write_text(text)
    with pytest.raises(Unreadable, match="conditions"):
        effective(environ)


def test_a_link_to_nothing_is_no_configuration(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / ".gitconfig").symlink_to("gone")
    assert git(environ, "--global", "core.excludesfile") == ""
    assert effective(environ) == str(tmp_path / ".config/git/ignore")


def test_many_branches_are_read_and_what_has_no_end_is_refused() -> None:
    branch = '[branch "b"]\n\tremote = origin\n\tmerge = refs/heads/b\n'
    began = time.perf_counter()
    found = parse((branch * 40_000 + "[core]\nexcludesfile = x\n").encode())
    assert found == (("core.excludesfile", "x"),)
    for unit in ("[a]", "[core]", "[core]\na\n", "[\n", "[core ", " ", '[a "', "a = \\\n", "[ "):
        with contextlib.suppress(Unreadable):
            parse(unit.encode() * (4_000_000 // len(unit)))
    assert time.perf_counter() - began < 20
    with pytest.raises(Unreadable, match="lines"):
        parse(b"[core]\na\n" * 30_000)
