"""Drawn repositories whose ignore rules are judged twice: by git itself and by us.

A seed draws a tree, its `.gitignore` files, `info/exclude` and the user's own excludes, from the
odd corners of git's syntax. git is asked once for each repository.
"""

import os
import random
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lsp_server.ignore import Ignore

NAMES = (
    *("a", "b", "ab", "abc", "A", "aB", "b.log", "a.log", ".env", "keep", "x-y", "x_1", "foo"),
    *("bar", "foobar", "é", "a b", " a", "a ", "#a", "!a", "[a]", "a]", "a*", "a?", "a\\b", "-"),
    *("build", "z9", "sub", "a.b.log", "\t", "^", "a,b", "{a}", "AbC", "1", "~", "naïve.py"),
)
_PIECES = (
    *("*", "**", "?", "[ab]", "[!a]", "[^b]", "[a-c]", "[z-a]", "[]a]", "[a-]", "[-a]", "[[]"),
    *("[[:alpha:]]", "[[:digit:]]", "[[:space:]]", "[![:alnum:]]", "[[:punct:]_]", "[[:upper:]]"),
    *("[[:xdigit:]x]", "[[:lower:]-z]", "[a\\]b]", "[\\a-\\c]", "[[:nope:]]", "[[:alpha:]", "["),
    *("\\", "\\*", "\\a", "\\ ", "***", "*a", "a*", "*.log", "[a/b]", "/", "[^a-z]", "[]", "[!]a]"),
    *("[a-c-e]", "[[:blank:][:cntrl:]]", "[[:graph:]]", "[[:print:]]", "[é]", "[[:ALPHA:]]"),
    *("[[a]", "[[:alpha:]-[:digit:]]", "[\\\\]", "[.]", "!", "#", "\u00e9", "**a", "a**"),
)
_DISPUTED = re.compile(r"[^/*]\*\*+(?:/|\\/|$)")
"""Two stars that end a name, in a path: versions of git differ about `foo**/bar`."""
_ODD = ("", "#", "# a", "/", "//", "!", "!/", " ", "\\", "**", "*", "**/", "/*")


@dataclass(slots=True)
class Drawn:
    """A repository on the disk, and the paths to be judged, from its top."""

    top: Path
    environ: dict[str, str]
    paths: list[str]
    texts: dict[str, bytes] = field(default_factory=dict)
    """Every ignore file by what it is called."""


def draw(folder: Path, seed: int, paths: int) -> Drawn:
    """A repository in an empty folder."""
    chance = random.Random(seed)
    top, home = folder / "w", folder / "home"
    for inside in ("objects", "refs", "info"):
        (top / ".git" / inside).mkdir(parents=True)
    home.mkdir()
    (top / ".git/HEAD").write_text("ref: refs/heads/main\n")
    folded = chance.random() < 0.2
    (top / ".git/config").write_text(f"[core]\n\tignorecase = {str(folded).lower()}\n")
    folders = _folders(chance)
    for name in folders:
        (top / name).mkdir(parents=True, exist_ok=True)
    chosen = [f"{chance.choice(folders)}/{chance.choice(NAMES)}" for _ in range(paths)]
    chosen = [name.removeprefix("./") for name in chosen if not (top / name).is_dir()]
    environ = {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
    environ["PATH"] = os.environ.get("PATH", "")
    drawn = Drawn(top, environ, list(dict.fromkeys(chosen)))
    for name in folders:
        if name == "." or chance.random() < 0.4:
            place = name.removeprefix(".").lstrip("/")
            _write(drawn, top / name / ".gitignore", _rules(chance, drawn.paths, place))
    if chance.random() < 0.5:
        _write(drawn, top / ".git/info/exclude", _rules(chance, drawn.paths, ""))
    if chance.random() < 0.5:
        (home / ".gitconfig").write_text('[core]\n\texcludesFile = "~/mine" ; a comment\n')
        _write(drawn, home / "mine", _rules(chance, drawn.paths, ""))
    elif chance.random() < 0.5:
        (home / ".config/git").mkdir(parents=True)
        _write(drawn, home / ".config/git/ignore", _rules(chance, drawn.paths, ""))
    return drawn


def by_git(drawn: Drawn) -> dict[str, tuple[str, int] | None]:
    """For each path, the file and the line that ignore it according to git."""
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--verbose", "--non-matching", "-z", "--stdin"],
        cwd=drawn.top,
        env=drawn.environ,
        input=b"".join(os.fsencode(path) + b"\0" for path in drawn.paths),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    words = done.stdout.split(b"\0")[:-1]
    assert len(words) == 4 * len(drawn.paths)
    found: dict[str, tuple[str, int] | None] = {}
    for source, line, pattern, path in zip(*[iter(words)] * 4, strict=True):
        taken = not source or pattern.startswith(b"!")
        found[os.fsdecode(path)] = None if taken else (Path(os.fsdecode(source)).name, int(line))
    return found


def by_us(drawn: Drawn) -> dict[str, tuple[str, int] | None]:
    """The same according to us, who judge all paths at once."""
    verdicts = Ignore(drawn.environ).verdicts([drawn.top], ())
    found: dict[str, tuple[str, int] | None] = {}
    for path in drawn.paths:
        refusal = verdicts.refusal(drawn.top / path)
        if refusal is None:
            found[path] = None
        else:
            assert refusal.line, refusal.sentence
            found[path] = Path(refusal.by).name, refusal.line
    return found


def differences(drawn: Drawn) -> list[str]:
    """A line for each path that git and we judge differently."""
    theirs, ours = by_git(drawn), by_us(drawn)
    return [
        f"{path!r}: git {theirs[path]}, we {ours[path]}"
        for path in drawn.paths
        if theirs[path] != ours[path]
    ]


def make_difficult(drawn: Drawn, chance: random.Random) -> list[str]:
    """Put things into a drawn tree that make verdicts difficult; and the paths through them."""
    top = drawn.top
    folders = [path for path in top.rglob("*") if path.is_dir() and ".git" not in path.parts]
    for folder in folders:
        kind = chance.random()
        if kind < 0.2:
            for inside in ("objects", "refs"):
                (folder / ".git" / inside).mkdir(parents=True)
            (folder / ".git/HEAD").write_text("ref: refs/heads/main\n")
            (folder / ".git/config").write_text(f"[core]\n\tignorecase = {kind < 0.1}\n")
        elif kind < 0.3:
            (folder / ".midstreamignore").mkdir()
        elif kind < 0.4:
            (folder / ".midstreamignore").write_text("".join(f"x{n}\n" for n in range(6_000)))
        elif kind < 0.6:
            (folder / ".midstreamignore").write_text(f"{chance.choice(NAMES)}\n/b\n")
        elif kind < 0.7:
            (folder / ".midstream.toml").write_text('ignore = ["a*"]\n')
        elif kind < 0.75:
            (folder / ".midstream.toml").write_text("ignore = 3\n")
    paths: list[str] = []
    (top / "link").symlink_to(chance.choice(folders))
    targets = [*folders, top / drawn.paths[0], Path("l1"), Path("l2"), top.parent]
    for name in ("l0", "l1", "l2", "l3", "l4", "l5"):
        (top / name).symlink_to(chance.choice(targets))
    for name in ("link", "l0", "l1", "l2", "l3", "l4", "l5"):
        paths += [name, f"{name}/a", f"{name}/b.log", f"{name}/../a", f"{name}/link/a"]
    return [
        *paths,
        "./a",
        "a/../b",
        ".git/config",
        "a\0b",
        "\ud83d.py",
        "d/" * 100 + "a",
        "d/" * 130 + "a",
    ]


# -- drawing --


def _folders(chance: random.Random) -> list[str]:
    folders = ["."]
    for _ in range(chance.randint(3, 9)):
        parent = chance.choice(folders)
        if parent.count("/") < 4:
            folders.append(f"{parent}/{chance.choice(NAMES)}")
    return list(dict.fromkeys(folders))


def _rules(chance: random.Random, paths: list[str], place: str) -> bytes:
    """An ignore file; most of its rules come from paths that are there, spoilt a little."""
    here = [path for path in paths if path.startswith(f"{place}/") or not place]
    lines = [
        _rule(chance, chance.choice(here or paths), place) for _ in range(chance.randint(1, 9))
    ]
    end = chance.choice(("\n", "\n", "\n", "\r\n"))
    text = end.join(lines) + chance.choice(("", end, end, f"{end}{end}"))
    mark = "\ufeff" if chance.random() < 0.1 else ""
    return (mark + text).encode()


def _rule(chance: random.Random, path: str, place: str) -> str:
    if chance.random() < 0.05:
        return chance.choice(
            ("", "#", "# a", "/", "//", "!", "!/", " ", "\\", "**", "*", "**/", "/*")
        )
    names = path.removeprefix(f"{place}/").split("/") if place else path.split("/")
    start = chance.randrange(len(names))
    end = chance.randint(start + 1, len(names))
    if chance.random() < 0.4:
        start = 0
    spoilt = [_spoilt(chance, name) for name in names[start:end]]
    if len(spoilt) > 1 and chance.random() < 0.2:
        spoilt.insert(chance.randrange(len(spoilt) + 1), "**")
    rule = "/".join(spoilt)
    rule = ("/" if chance.random() < 0.25 else "") + rule + ("/" if chance.random() < 0.2 else "")
    if chance.random() < 0.1:
        rule = "**/" + rule
    if chance.random() < 0.1:
        rule += chance.choice(("/**", "/*", " ", "  ", "\\ ", "\t", "/**/", "**", " \\ "))
    if "/" in rule and _DISPUTED.search(rule):
        return _rule(chance, path, place)
    return ("!" if chance.random() < 0.3 else "") + rule


def _spoilt(chance: random.Random, name: str) -> str:
    kind = chance.random()
    if kind < 0.4:
        return name
    at = chance.randrange(len(name) + 1)
    to = min(len(name), at + chance.randint(0, 2))
    piece = chance.choice(_PIECES)
    spoilt = name[:at] + piece + name[to:]
    return _spoilt(chance, spoilt) if kind > 0.8 else spoilt


def _write(drawn: Drawn, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    drawn.texts[str(path.relative_to(drawn.top.parent))] = data
