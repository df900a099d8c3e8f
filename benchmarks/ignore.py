"""How long it takes to decide whether a file may be sent, and whether git agrees.

Draws workspaces in a temporary folder: an ordinary `.gitignore`, hostile ones at every limit, a
deeply nested file. Prints for each how long the first and a later verdict take, also for many files
at once, and for how many drawn paths git disagrees (git is run here, never by the server).

    python -m benchmarks.ignore [--paths N] [--rounds N]
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.ignore import Ignore
from lsp_server.ignore.bounded_files import MOST_BYTES
from lsp_server.ignore.path_walk import MOST_FOLDERS
from lsp_server.ignore.rule_list import MOST_LINES, MOST_RULES, MOST_STARS, MOST_TRIED
from tests.support.git_rules import differences, draw

_FOLDERS = "src/app/models/base"
_TOGETHER = 20
"""As many files as an edit may ask for."""
Case = Callable[[Path], Path]
"""Fills a workspace and returns the file to judge."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=10_000, help="drawn paths to ask git about")
    parser.add_argument("--rounds", type=int, default=50, help="later verdicts for each workspace")
    chosen = parser.parse_args(arguments)
    print(
        "milliseconds: first verdict, a later one (p50), another file of the folder, each of "
        f"{_TOGETHER} files that are judged together (p50); and what it is"
    )
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory(prefix="midstream-ignore-") as folder:
            print(f"{name}: {measure(case, Path(folder).resolve(), chosen.rounds)}")
    different, paths = compare(chosen.paths)
    print(f"drawn paths: {paths:,}; of which git says otherwise: {different}")
    return 1 if different else 0


def measure(case: Case, root: Path, rounds: int) -> str:
    """The figures of one workspace."""
    for inside in ("objects", "refs"):
        (root / ".git" / inside).mkdir(parents=True)
    (root / ".git/HEAD").write_text("ref: refs/heads/main\n")
    file = case(root)
    time.sleep(0.1)  # As of files that nobody is writing right now.
    ignore = Ignore()
    first = _ms(ignore, file, root)
    other = _ms(ignore, file.with_name("other.py"), root)
    later = statistics.median(_ms(ignore, file, root) for _ in range(rounds))
    together = statistics.median(_ms_together(ignore, file, root) for _ in range(rounds))
    refusal = ignore.refusal(file, [root], ())
    said = "may be sent" if refusal is None else refusal.sentence
    return f"{first:.1f}, {later:.2f}, {other:.2f}, {together:.3f}; {said}"


def compare(paths: int) -> tuple[int, int]:
    """How many drawn paths git judges differently, and how many were drawn."""
    different = asked = seed = 0
    while asked < paths:
        with tempfile.TemporaryDirectory(prefix="midstream-ignore-") as folder:
            drawn = draw(Path(folder).resolve(), seed, 250)
            for line in differences(drawn):
                different += 1
                print(f"seed {seed}: {line}", file=sys.stderr)
            asked += len(drawn.paths)
            seed += 1
    return different, asked


def _ms(ignore: Ignore, file: Path, root: Path) -> float:
    began = time.perf_counter()
    ignore.refusal(file, [root], ())
    return (time.perf_counter() - began) * 1000


def _ms_together(ignore: Ignore, file: Path, root: Path) -> float:
    files = [file.with_name(f"{number}.py") for number in range(_TOGETHER)]
    began = time.perf_counter()
    verdicts = ignore.verdicts([root], ())
    for each in files:
        verdicts.refusal(each)
    return (time.perf_counter() - began) * 1000 / _TOGETHER


# -- workspaces --


def _file(root: Path, folders: str = _FOLDERS, name: str = "file.py") -> Path:
    (root / folders).mkdir(parents=True, exist_ok=True)
    file = root / folders / name
    file.write_text("x = 1\n")
    return file


def _ordinary(root: Path) -> Path:
    """Names, endings, folders, paths and wildcards as people write them, 3,000 of them."""
    chance = random.Random(1)
    kinds = ("name{}", "*.end{}", "/out{}/", "build/out{}", "docs/**/*.g{}", "*.p{}[cod]", "!x{}")
    lines = [chance.choice(kinds).format(number) for number in range(3_000)]
    (root / ".gitignore").write_text("\n".join(lines) + "\n")
    return _file(root)


def _whole(root: Path) -> Path:
    (root / ".gitignore").write_text("# a long comment...\n" * (MOST_LINES - 1))
    return _file(root)


def _empty(root: Path) -> Path:
    (root / ".gitignore").write_text("\n" * MOST_LINES)
    return _file(root)


def _stars(root: Path) -> Path:
    (root / ".gitignore").write_text("*a" * 5_000 + "b\n")
    return _file(root, name="a" * 200 + ".py")


def _many_stars(root: Path) -> Path:
    (root / ".gitignore").write_text(("*a" * (MOST_STARS - 2) + "*b*\n") * MOST_TRIED)
    return _file(root, name="a" * 200 + ".py")


def _classes(root: Path) -> Path:
    lines = (f"*[a-y{number % 10}]*[!z]*[a]\n" for number in range(MOST_TRIED))
    (root / ".gitignore").write_text("".join(lines))
    return _file(root, name="a" * 200 + ".py")


def _doubles(root: Path) -> Path:
    (root / ".gitignore").write_text("**/a*/**/[a]*/**/b*/**/c\n" * 5_000)
    return _file(root, "/".join(["ab"] * 60))


def _names(root: Path) -> Path:
    (root / ".gitignore").write_text("".join(f"n{number}\n" for number in range(MOST_RULES)))
    return _file(root)


def _deep(root: Path) -> Path:
    depth = MOST_FOLDERS - len(root.parts) - 2
    file = _file(root, "/".join(["d"] * depth))
    for number in range(depth):
        (root / "/".join(["d"] * number) / ".gitignore").write_text("*.log\n/x*y\n")
    return file


def _config(root: Path) -> Path:
    (root / ".git/config").write_text("[core]\n" + 'a = "\\\\" x\n' * 38_000)
    return _file(root)


def _branches(root: Path) -> Path:
    branch = '[branch "topic/{0}"]\n\tremote = origin\n\tmerge = refs/heads/topic/{0}\n'
    text = "".join(branch.format(number) for number in range(50_000))
    (root / ".git/config").write_text(text)
    return _file(root)


def _over(root: Path) -> Path:
    (root / ".gitignore").write_text("x\n" * MOST_BYTES)
    return _file(root)


CASES: dict[str, Case] = {
    "an ordinary .gitignore of 3,000 lines": _ordinary,
    "1 MB of comments": _whole,
    "as many empty lines as may be": _empty,
    "one line of 5,000 stars": _stars,
    "as many rules with as many stars as may be": _many_stars,
    "as many rules with classes": _classes,
    "5,000 rules with double stars, 60 folders deep": _doubles,
    "as many plain rules as may be": _names,
    "as deep as a file may lie, each folder with rules": _deep,
    "a git configuration of 460 kB": _config,
    "a git configuration of 50,000 branches": _branches,
    "2 MB of rules": _over,
}

if __name__ == "__main__":
    sys.exit(main())
