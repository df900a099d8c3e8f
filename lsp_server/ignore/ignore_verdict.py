"""Decides whether a file may be sent to a model: by git's rules, `.midstreamignore` and the
settings.

The only place that decides, for the server and the command line. It fails to the safe side: if a
rule file cannot be read, nothing below it is sent. Never runs git.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lsp_server.ignore.explanations import IgnoreRefusal, refusal_by, shown
from lsp_server.ignore.folder_rules import FolderRules
from lsp_server.ignore.path_judge import PathJudge, VerdictBudget
from lsp_server.ignore.path_walk import absolute
from lsp_server.ignore.rule_list import RuleList
from lsp_server.ignore.rule_sources import SETTING, RuleSources, SharedReads
from lsp_server.ignore.unreadable import Unreadable

_SHARED_SECONDS = 0.05
"""How long verdicts share what they read: as long as an edit waits for its context."""


class Ignore:
    """Judges files. Caches what it read, and checks each time whether the cache is still valid."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """`environ` says where git's configuration is. Default: this process's environment."""
        self._sources = RuleSources(environ)

    def refusal(
        self,
        path: Path | str,
        roots: Sequence[Path],
        patterns: Sequence[str],
        *,
        trusted: bool = True,
        folder: bool = False,
    ) -> IgnoreRefusal | None:
        """Why the file must not be sent to a model; `None` if it may be.

        `roots` are the workspace's folders, `patterns` the setting `ignore`. The settings files of
        a `trusted` workspace are read too, one for each root. Links are followed: the path, its
        target and everything between are judged. With `folder` the path is one, and a refusal
        counts for all that is below it.
        """
        return self.verdicts(roots, patterns, trusted=trusted).refusal(path, folder=folder)

    def verdicts(
        self, roots: Sequence[Path], patterns: Sequence[str], *, trusted: bool = True
    ) -> "Verdicts":
        """The same verdicts for many files that are judged at once."""
        return Verdicts(self._sources, roots, patterns, trusted=trusted)

    def settings_rules(self, patterns: tuple[str, ...], folded: bool) -> RuleList:
        """The rules of the setting. Raises `Unreadable`."""
        return self._sources.settings_rules(patterns, folded)


class Verdicts:
    """Judges the files of one lookup, many times faster than one by one.

    A folder, a link and a rule file that concern several of the files are looked at once. So a
    verdict is as old as the lookup, but never older than 50 ms: then everything is looked at again.
    For one thread at a time.
    """

    def __init__(
        self,
        sources: RuleSources,
        roots: Sequence[Path],
        patterns: Sequence[str],
        *,
        trusted: bool = True,
    ) -> None:
        """See `Ignore.refusal`."""
        self._sources = sources
        self._roots, self._patterns, self._trusted = roots, tuple(patterns), trusted
        self._until = -1.0
        self._forget()

    def refusal(self, path: Path | str, *, folder: bool = False) -> IgnoreRefusal | None:
        """See `Ignore.refusal`."""
        self._renew()
        try:
            return self._judge(str(path), folder)
        except Unreadable as error:
            tops = [absolute(str(root)) for root in self._roots]
            name = SETTING if error.path == SETTING else shown(error.path, tops)
            words = f"{name} {error.what}, and it may exclude this file"
            sentence = f"This file isn't sent to a model: {words}. To change that, {error.remedy}."
            return IgnoreRefusal(name, sentence)

    def real_path(self, path: Path | str) -> str:
        """The path without links. Raises `ValueError` if no file can have this name."""
        self._renew()
        return self._reads.real_path(str(path))

    def _renew(self) -> None:
        """Forget what was read too long ago."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + _SHARED_SECONDS
            self._forget()

    def _forget(self) -> None:
        self._reads = SharedReads(self._sources)
        self._all_roots: tuple[str, ...] | None = None
        self._above: dict[str, FolderRules] = {}

    def _judge(self, path: str, folder: bool) -> IgnoreRefusal | None:
        """The refusal by a rule. Raises `Unreadable`."""
        reads, budget = self._reads, VerdictBudget()
        found = reads.ways(path)
        if self._all_roots is None:
            every = (way for root in self._roots for way in reads.ways(str(root)))
            self._all_roots = tuple(dict.fromkeys(every))
        roots = self._all_roots
        for number, one in enumerate(found):
            way = reads.walk(one)
            above = self._above.get(way.folders[-1])
            if above is None:
                above = self._above[way.folders[-1]] = FolderRules(reads, way, roots)
            judge = PathJudge(reads, way, above, self._patterns, budget, folder)
            saying = judge.saying() or (judge.by_workspaces() if self._trusted else None)
            if saying is not None:
                leads = f"it leads to `{shown(one, roots)}`, and " if number else ""
                return refusal_by(saying, leads)
        return None
