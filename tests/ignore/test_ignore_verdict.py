"""The whole verdict: beside git's own on drawn repositories, and where we go beyond git."""

import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.ignore import Ignore, IgnoreRefusal
from tests.support.git_rules import by_git, differences, draw, make_difficult

PATHS = 10_000
_EACH = 250
_SHARES = 8


@pytest.mark.parametrize("share", range(_SHARES))
def test_git_says_the_same(tmp_path: Path, share: int) -> None:
    """Whether a path is ignored, and by which line of which file."""
    asked = ignored = 0
    seed = share
    while asked < PATHS // _SHARES:
        (tmp_path / str(seed)).mkdir()
        drawn = draw(tmp_path / str(seed), seed, _EACH)
        assert differences(drawn) == [], f"seed {seed}: {drawn.texts}"
        ignored += sum(verdict is not None for verdict in by_git(drawn).values())
        asked += len(drawn.paths)
        seed += _SHARES
    assert 0.1 < ignored / asked < 0.9, "what is drawn would show nothing"


ELSEWHERE: dict[str, tuple[dict[str, str], str]] = {
    "above": ({"core.worktree": "../.."}, "w/sub/a"),
    "above, of another file": ({"core.worktree": "../.."}, "w/sub/b"),
    "below": ({"core.worktree": "../in"}, "w/sub/in/a"),
    "below, the whole path": ({"core.worktree": "{}/w/sub/in"}, "w/sub/in/b"),
}
NAMED: dict[str, tuple[dict[str, str], str]] = {
    "a folder": ({"GIT_DIR": "{}/w/sub/.git", "GIT_WORK_TREE": "{}/x"}, "x/a"),
    "of another repository": ({"GIT_DIR": "{}/w/sub/.git", "GIT_WORK_TREE": "{}/y"}, "y/b"),
    "from the working directory": ({"GIT_DIR": "../w/sub/.git", "GIT_WORK_TREE": "."}, "x/a"),
    "without a tree": ({"GIT_DIR": "../w/sub/.git"}, "x/a"),
}


@pytest.mark.parametrize("where", [*ELSEWHERE, *NAMED])
def test_a_working_tree_that_is_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """By `core.worktree`, or by the environment: git and we ignore the same file."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
    for folder in ("w/sub", "x", "y"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        if folder != "x":
            run(environ, tmp_path / folder, "init", "-q")
    (tmp_path / "w/sub/in").mkdir()
    (tmp_path / "w/sub/.git/info/exclude").write_text("/a\n/sub/a\n")
    (tmp_path / "w/.gitignore").write_text("/sub/b\n")
    (tmp_path / "w/sub/in/.gitignore").write_text("/b\n")
    (tmp_path / "y/.gitignore").write_text("/b\n")
    said, path = ELSEWHERE.get(where) or NAMED[where]
    said = {name: value.format(tmp_path) for name, value in said.items()}
    for name in said.keys() & {"core.worktree"}:
        run(environ, tmp_path / "w/sub", "config", name, said.pop(name))
    file = tmp_path / path
    file.write_text("")
    monkeypatch.chdir(tmp_path / "x" if where in NAMED else file.parent)
    environ |= said
    theirs = run(environ, Path.cwd(), "check-ignore", str(file)) != ""
    ours = Ignore(environ).refusal(file, [file.parent], ())
    assert theirs and ours is not None


def run(environ: dict[str, str], folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with ignore files in two of its folders."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("build/\n*.log\n# comment\n\n!keep.log\n")
    (tmp_path / ".midstreamignore").write_text("/secrets\n")
    (tmp_path / "deep" / ".gitignore").write_text("/er/*.tmp\n")
    return tmp_path


def refusal(path: Path, root: Path | None, patterns: tuple[str, ...] = ()) -> IgnoreRefusal | None:
    return Ignore({"HOME": "/nowhere"}).refusal(path, [] if root is None else [root], patterns)


def by(path: Path, root: Path | None, patterns: tuple[str, ...] = ()) -> str | None:
    found = refusal(path, root, patterns)
    return None if found is None else found.by


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("a.py", None),
        ("a.log", ".gitignore"),
        ("deep/a.log", ".gitignore"),
        ("keep.log", None),
        ("build/x/a.py", ".gitignore"),
        ("deep/build/a.py", ".gitignore"),
        ("secrets/key.py", ".midstreamignore"),
        ("deep/secrets/key.py", None),
        ("deep/er/a.tmp", "deep/.gitignore"),
        ("er/a.tmp", None),
        ("deep/a.pem", "the setting `ignore`"),
        ("vendor/a.py", "the setting `ignore`"),
        ("deep/vendor/a.py", None),
        (".git/config", ".git"),
        ("deep/.GIT/hooks/x", ".git"),
    ],
)
def test_who_says_so(root: Path, path: str, what: str | None) -> None:
    assert by(root / path, root, ("*.pem", "/vendor/")) == what


def test_a_deeper_file_may_take_back_what_one_above_says(root: Path) -> None:
    (root / "deep" / ".gitignore").write_text("!a.log\n")
    assert by(root / "deep" / "a.log", root) is None
    assert by(root / "deep" / "b.log", root) == ".gitignore"


def test_one_ignore_file_takes_back_nothing_of_another(root: Path) -> None:
    """A repository's own file must not open what the user's settings close."""
    (root / ".midstreamignore").write_text("!*.log\n!*.pem\n")
    assert by(root / "a.log", root) == ".gitignore"
    assert by(root / "a.pem", root, ("*.pem",)) == "the setting `ignore`"


def test_the_settings_can_take_out_what_they_say_themselves(root: Path) -> None:
    assert by(root / "a.pem", root, ("*.pem", "!a.pem")) is None


def test_a_file_outside_of_the_workspace_is_judged_by_the_folders_above_it(tmp_path: Path) -> None:
    workspace, other = tmp_path / "w", tmp_path / "o"
    workspace.mkdir()
    other.mkdir()
    (other / ".gitignore").write_text("*.log\n")
    assert by(other / "a.log", workspace) == by(other / "a.log", None)
    assert (by(other / "a.log", None) or "").endswith("o/.gitignore")
    assert by(other / "a.py", None, ("*.py",)) == "the setting `ignore`"
    assert by(other / "a.py", None) is None


def test_what_cannot_be_read_closes_its_folder_and_no_other(root: Path) -> None:
    (root / "deep" / ".midstreamignore").mkdir()
    found = refusal(root / "deep" / "a.py", root)
    assert found is not None and found.by == "deep/.midstreamignore"
    assert found.sentence == (
        "This file isn't sent to a model: deep/.midstreamignore can't be read (it is a folder), "
        "and it may exclude this file. To change that, move it away."
    )
    assert by(root / "a.py", root) is None


def test_all_files_above_have_one_bound(root: Path) -> None:
    (root / ".gitignore").write_text("".join(f"x{number}\n" for number in range(6_000)))
    assert by(root / "deep/a.py", root) is None
    (root / "deep/.gitignore").write_text("".join(f"y{number}\n" for number in range(6_000)))
    found = refusal(root / "deep/a.py", root)
    assert found is not None and "more than 10,000 rules" in found.sentence


def test_links_from_one_hostile_folder_to_the_next_have_one_bound(root: Path) -> None:
    (root / "last.py").write_text("")
    target = "../last.py"
    for number in range(20):
        folder = root / str(number)
        folder.mkdir()
        (folder / ".gitignore").write_text("".join(f"x{line}\n" for line in range(2_000)))
        (folder / "a.py").symlink_to(target)
        target = f"../{number}/a.py"
    found = refusal(root / "19/a.py", root)
    assert found is not None and "more than 10,000 rules" in found.sentence
    assert refusal(root / "3/a.py", root) is None


def test_a_change_counts_at_once(root: Path) -> None:
    ignore = Ignore({"HOME": "/nowhere"})
    for rule, ignored in (("a.py\n", True), ("b.py\n", False), ("*.py\n", True), ("", False)):
        (root / ".gitignore").write_text(rule)
        assert (ignore.refusal(root / "a.py", [root], ()) is not None) is ignored


def test_nothing_of_a_name_reaches_the_users_screen_unseen(root: Path) -> None:
    folder = root / "a\u202eb\nc"
    folder.mkdir()
    (folder / ".gitignore").write_text("x\n")
    found = refusal(folder / "x", root)
    assert found is not None and found.by == "a?b?c/.gitignore"


@pytest.mark.parametrize("name", ["\udcff.py", "\ud83d.py", "a" * 300, "a\0b"])
def test_any_name_gets_a_verdict(root: Path, name: str) -> None:
    assert by(root / name, root) is None
    (root / ".gitignore").write_text("*\n")
    assert by(root / name, root) == ".gitignore"


@pytest.mark.parametrize(
    ("rules", "ignored"),
    [("out/\n", True), ("out\n", True), ("/in/\n", True), ("out/*\n", False), ("*.py\n", False)],
)
def test_a_folder_is_ignored_with_all_that_is_in_it(root: Path, rules: str, ignored: bool) -> None:
    (root / "in" / "out").mkdir(parents=True)
    (root / ".gitignore").write_text(rules)
    ignore, folder = Ignore({"HOME": "/nowhere"}), root / "in" / "out"
    assert (ignore.refusal(folder, [root], (), folder=True) is not None) is ignored
    if ignored:
        assert ignore.refusal(folder / "any.thing", [root], ()) is not None
    setting = ignore.refusal(folder, [root], ("out/",), folder=True)
    assert setting is not None


# -- many files at once --

CLOCK = "lsp_server.ignore.ignore_verdict.time.monotonic"


@pytest.mark.parametrize("seed", range(1_000, 1_012))
def test_files_that_are_judged_together_get_the_verdicts_they_get_alone(
    tmp_path: Path, seed: int
) -> None:
    """Also through links, in repositories within the repository, and below what is unreadable."""
    drawn, chance = draw(tmp_path, seed, 30), random.Random(seed)
    paths = [drawn.top / path for path in [*drawn.paths, *make_difficult(drawn, chance)]]
    inside = drawn.top / Path(drawn.paths[0]).parent
    for roots in ([drawn.top], [inside], [inside, drawn.top], [drawn.top / "link"], []):
        patterns, trusted = chance.choice(((), ("*.log", "/a/"))), chance.random() < 0.8
        ignore = Ignore(drawn.environ)
        together = ignore.verdicts(roots, patterns, trusted=trusted)
        for path in chance.sample(paths, len(paths)):
            folder = chance.random() < 0.2
            alone = ignore.refusal(path, roots, patterns, trusted=trusted, folder=folder)
            assert together.refusal(path, folder=folder) == alone, path


def test_what_files_have_in_common_is_looked_at_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = Ignore({"HOME": "/nowhere"}).verdicts([root], ("*.pem",))
    assert verdicts.refusal(root / "deep/er/a.py") is None
    looked: list[str] = []
    for name in ("stat", "lstat", "readlink", "open"):
        monkeypatch.setattr(os, name, _noting(looked, getattr(os, name)))
    monkeypatch.setattr(CLOCK, lambda: 0.0)
    assert verdicts.refusal(root / "deep/er/b.py") is None
    assert verdicts.refusal(root / "deep/er/b.tmp") is not None
    assert looked == [str(root / "deep/er/b.py"), str(root / "deep/er/b.tmp")]


def _noting(looked: list[str], look: Callable[..., object]) -> Callable[..., object]:
    def noted(path: str, *rest: object, **more: object) -> object:
        looked.append(str(path))
        return look(path, *rest, **more)

    return noted


def test_a_verdict_is_never_older_than_50_ms(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(CLOCK, lambda: now)
    ignore = Ignore({"HOME": "/nowhere"})
    verdicts = ignore.verdicts([root], ())
    assert verdicts.refusal(root / "a.py") is None
    (root / ".gitignore").write_text("a.py\n")
    (root / "b.py").symlink_to("a.py")
    assert ignore.verdicts([root], ()).refusal(root / "a.py") is not None
    now = 0.05
    assert verdicts.refusal(root / "a.py") is not None
    assert verdicts.refusal(root / "b.py") is not None
