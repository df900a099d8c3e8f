"""Judges one path by the rules of git, by `.midstreamignore` and by the settings."""

from collections.abc import Iterator, Sequence

from lsp_server.ignore.bounded_files import MOST_BYTES
from lsp_server.ignore.explanations import Saying, shown
from lsp_server.ignore.folder_rules import FolderRules, Tree
from lsp_server.ignore.gitconfig import ReadBudget
from lsp_server.ignore.path_walk import PathWalk, beside
from lsp_server.ignore.rule_list import MOST_RULES, MatchBudget, RuleList
from lsp_server.ignore.rule_sources import FOLDED_BY_DEFAULT, SETTING, SharedReads
from lsp_server.ignore.unreadable import Unreadable
from lsp_server.settings import WORKSPACE_FILE

GIT_FILE, OWN_FILE = ".gitignore", ".midstreamignore"
_OF_GIT = (".git", "git~1")
"""git's own folder, and its short name on old Windows file systems."""


class VerdictBudget:
    """What one verdict may cost in rules, bytes and matches, for all paths that are judged
    together."""

    def __init__(self) -> None:
        self.match_budget, self.config = MatchBudget(), ReadBudget()
        self._seen: set[str] = set()
        self._rules = self._bytes = 0

    def count(self, path: str, rules: RuleList) -> None:
        """Count a list, once however often it is used. Raises `Unreadable` if that exceeds the
        budget."""
        if path in self._seen:
            return
        self._seen.add(path)
        self._rules += rules.count
        self._bytes += rules.size
        if self._rules > MOST_RULES or self._bytes > MOST_BYTES:
            most = f"{MOST_RULES:,} rules or {MOST_BYTES:,} bytes"
            words = f"and the other ignore files for this file have more than {most}"
            raise Unreadable(words, "shorten them", path)


class PathJudge:
    """One verdict about one path."""

    def __init__(
        self,
        reads: SharedReads,
        way: PathWalk,
        above: FolderRules,
        patterns: tuple[str, ...],
        budget: VerdictBudget,
        folder: bool,
    ) -> None:
        """`above` are the rules of the folder that contains the path."""
        self._reads, self._way, self._above, self._patterns = reads, way, above, patterns
        self._folders = len(way.names) if folder else len(way.names) - 1
        self._budget = budget

    def saying(self) -> Saying | None:
        """The rule that ignores the path. Raises `Unreadable`."""
        if any(name.rstrip(". ").casefold() in _OF_GIT for name in self._way.names):
            return Saying(".git")
        trees = self._above.trees(self._budget.config)
        for tree in trees:
            if (saying := self._walk(GIT_FILE, tree)) is not None:
                return saying
        # Ignoring case makes some of git's rules match nothing, and a repository can ask for it. So
        # our rules also count as they are written.
        for folded in sorted({False, *(tree.folded for tree in trees)}):
            own = Tree(0, len(self._way.folders), 0, folded, ())
            saying = self._walk(OWN_FILE, own) or self._by_settings(folded)
            if saying is not None:
                return saying
        return None

    # -- rules in files --

    def _walk(self, name: str, tree: Tree) -> Saying | None:
        """Walk from a tree's top down to the file. As in git, an ignored folder ends the walk:
        nothing below it can be included again."""
        lists, paths, strict = [*self._others(tree)], self._above.paths(name), name == OWN_FILE
        for depth in range(tree.base, len(self._way.names)):
            if tree.first <= depth < tree.last:
                rules = self._reads.rules_in(paths[depth], tree.folded, strict)
                if rules is not None:
                    self._budget.count(paths[depth], rules)
                    lists.insert(0, (depth, paths[depth], rules))
            saying = self._last_word(lists, depth, tree.base) if lists else None
            if saying is not None:
                return saying
        return None

    def _others(self, tree: Tree) -> Iterator[tuple[int, str, RuleList]]:
        for path in tree.others:
            rules = self._reads.rules_in(path, tree.folded, False, dangling=True)
            if rules is not None:
                self._budget.count(path, rules)
                yield tree.base, path, rules

    def _last_word(
        self, lists: Sequence[tuple[int, str, RuleList]], depth: int, top: int
    ) -> Saying | None:
        """The rule that ignores the name at `depth`. The first list that matches it decides."""
        is_folder = depth < self._folders
        for start, path, rules in lists:
            try:
                match = rules.last_match(
                    self._way.piece(start, depth), is_folder, self._budget.match_budget
                )
            except Unreadable as error:
                raise error.at(path) from None
            if match is not None:
                if match.negative:
                    return None
                tops = [self._way.folders[depth] for depth in {*self._above.roots, top} if depth]
                return Saying(shown(path, tops), match.line)
        return None

    # -- rules in the settings --

    def _by_settings(self, folded: bool) -> Saying | None:
        if not self._patterns:
            return None
        rules = self._reads.settings_rules(self._patterns, folded)
        ignored = any(self._says(SETTING, rules, start) for start in self._bases())
        return Saying(SETTING) if ignored else None

    def by_workspaces(self) -> Saying | None:
        """The rule that ignores the path in the settings of one of the workspace's folders. Raises
        `Unreadable`."""
        for start in self._above.workspaces:
            path = beside(self._way.folders[start], WORKSPACE_FILE)
            for folded in sorted({False, FOLDED_BY_DEFAULT}):
                rules = self._reads.workspace_rules(path, folded)
                if rules is None:
                    break
                self._budget.count(path, rules)
                if self._says(path, rules, start):
                    tops = [self._way.folders[depth] for depth in self._above.roots if depth]
                    return Saying(shown(path, tops))
        return None

    def _says(self, path: str, rules: RuleList, start: int) -> bool:
        """Whether the rules of a setting, counted from the folder `start`, ignore the path."""
        count = len(self._way.names)
        try:
            for depth in range(start, count):
                piece = self._way.piece(start, depth)
                match = rules.last_match(piece, depth < self._folders, self._budget.match_budget)
                if match is not None and not match.negative:
                    return True
        except Unreadable as error:
            raise error.at(path) from None
        return False

    def _bases(self) -> Sequence[int]:
        """The folders from which the patterns of the settings count: the workspace's, or all above
        if there are none."""
        return self._above.workspaces or range(len(self._way.folders))
