"""Real edits from the history of any project: what a scope was, and what a commit made of it.

Reads a git repository through `git` alone and changes nothing in it. A case is one file of one
commit and the smallest scope that holds all that the commit changed in it; so the text before, the
text after and everything around them is what somebody really had on the screen.
"""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.scope import INSERTION, scopes_by_level
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

# A scope of fewer lines needs no streaming; of more, a patch is asked for instead of a rewrite.
FEWEST_LINES = 3
MOST_LINES = 600
# A file this large (bytes) is generated or a bundle.
_MOST_BYTES = 400_000
# A commit that touches many files changes the same thing in all of them: so many say it all.
_FILES = 3


@dataclass(frozen=True, slots=True)
class Case:
    """An edit: the `scope` (code points) of `document` becomes `answer`."""

    name: str
    """Commit and path."""
    language: Language
    document: str
    scope: Span
    answer: str
    """In the document's own line ends."""

    @property
    def original(self) -> str:
        """What the scope holds before."""
        return self.scope.text(self.document)


class Repository(AbstractContextManager["Repository"]):
    """A checkout or a bare git directory, read through one running `git`."""

    def __init__(self, place: Path) -> None:
        """Raises `ValueError` when git sees no commit there."""
        inner = place / ".git"
        self._git = ["git", f"--git-dir={inner if inner.exists() else place}"]
        # A partial clone must not begin to load what it lacks: the benchmark only reads.
        self._environment = os.environ | {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
        try:
            self.head = self._run("rev-parse", "--verify", "HEAD").strip()
        except subprocess.CalledProcessError as error:
            raise ValueError(f"git finds no commit in {place}.") from error
        self._blobs = subprocess.Popen(
            [*self._git, "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._blobs.communicate()

    def commits(self) -> list[str]:
        """All commits that lead to HEAD, newest first, merges left out."""
        return self._run("rev-list", "--no-merges", "HEAD").split()

    def files(self) -> list[tuple[str, str]]:
        """The path and the blob of every file of HEAD."""
        listed = self._run("ls-tree", "-r", "-z", "HEAD").split("\0")
        fields = (entry.partition("\t") for entry in listed if entry)
        return [(path, facts.split(" ")[2]) for facts, _, path in fields]

    def modified(self, commit: str) -> Iterator[tuple[str, str, str]]:
        """The files that a commit changed: path, blob before, blob after."""
        listed = self._run("diff-tree", "-r", "-z", "--no-commit-id", "--diff-filter=M", commit)
        fields = listed.split("\0")
        for entry, path in zip(fields[::2], fields[1::2], strict=False):
            _, _, before, after, _ = entry.split(" ")
            yield path, before, after

    def text(self, blob: str) -> str | None:
        """A blob's text; None when it is missing, large or not UTF-8."""
        pipe_in, pipe_out = self._blobs.stdin, self._blobs.stdout
        assert pipe_in is not None and pipe_out is not None
        pipe_in.write(f"{blob}\n".encode())
        pipe_in.flush()
        header = pipe_out.readline().split()
        if len(header) != 3:
            return None
        source = pipe_out.read(int(header[2]) + 1)[:-1]
        if len(source) > _MOST_BYTES:
            return None
        try:
            return source.decode()
        except UnicodeDecodeError:
            return None

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._git, *arguments], capture_output=True, check=True, env=self._environment
        )
        return done.stdout.decode(errors="surrogateescape")


def cases(
    repository: Repository, commits: int, languages: frozenset[str], seed: int
) -> Iterator[Case]:
    """The edits of so many commits, drawn by `seed` from all that hold one.

    `languages` are language ids; empty means every language with a grammar.
    """
    drawn = repository.commits()
    random.Random(seed).shuffle(drawn)
    for commit in drawn:
        if commits <= 0:
            return
        found = list(_of_commit(repository, commit, languages))
        commits -= bool(found)
        yield from found


def _of_commit(repository: Repository, commit: str, languages: frozenset[str]) -> Iterator[Case]:
    found = 0
    for path, old, new in repository.modified(commit):
        language = language_for(None, path)
        if language is None or not language.available or found == _FILES:
            continue
        if languages and language.id not in languages:
            continue
        before, after = repository.text(old), repository.text(new)
        if before is None or after is None:
            continue
        case = case_of(f"{commit[:10]} {path}", language, before, after)
        if case is not None:
            found += 1
            yield case


def case_of(name: str, language: Language, before: str, after: str) -> Case | None:
    """What changed between two texts of a file, as an edit of one scope; None when none fits."""
    changes = ChangeSet.replace(before, after).changes
    if not changes:
        return None
    touched = Span(changes[0].start, changes[0].end)
    for scope in scopes_by_level(before, touched, language):
        span = scope.span
        original = span.text(before)
        if scope.kind == INSERTION or not span.contains(touched):
            continue
        if not FEWEST_LINES <= original.count("\n") + 1 <= MOST_LINES:
            continue
        answer = after[span.start : len(after) - (len(before) - span.end)]
        if answer and answer == answer.strip() and answer.count("\n") < 2 * MOST_LINES:
            return Case(name, language, before, span, answer)
    return None
