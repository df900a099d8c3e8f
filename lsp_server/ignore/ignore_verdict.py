"""Decides whether a file may be sent to a model: by git's rules, `.midstreamignore` and the
settings.

The only place that decides, for the server and the command line. It fails to the safe side: if a
rule file cannot be read, nothing below it is sent. Never runs git.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lsp_server.ignore.bounded_files import MOST_BYTES, FileCache
from lsp_server.ignore.explanations import IgnoreRefusal, Saying, refusal_by, shown
from lsp_server.ignore.gitconfig import ConfigReader, ReadBudget
from lsp_server.ignore.path_walk import PathWalk, absolute, beside, ways
from lsp_server.ignore.repository import Repository, workspace_above
from lsp_server.ignore.rule_list import MOST_RULES, MatchBudget, RuleList
from lsp_server.ignore.unreadable import Unreadable
from lsp_server.settings import WORKSPACE_FILE, workspace_ignore
from lsp_server.wording import DOCTOR

GIT_FILE, OWN_FILE, SETTING = ".gitignore", ".midstreamignore", "the setting `ignore`"
_OF_GIT = (".git", "git~1")
"""git's own folder, and its short name on old Windows file systems."""
_FOLDED_BY_DEFAULT = sys.platform in ("win32", "darwin")


@dataclass(frozen=True, slots=True)
class _Tree:
    """The rules of one working tree. Its `.gitignore` files are in `folders[first:last]` of a path;
    the other lists, `others`, count from `folders[base]`."""

    first: int
    last: int
    base: int
    folded: bool
    others: tuple[str, ...]


class _Budget:
    """What one verdict may cost in rules, bytes and matches, for all paths that are judged
    together."""

    def __init__(self) -> None:
        self.match_budget, self.config = MatchBudget(), ReadBudget()
        self._seen: dict[str, tuple[int, int]] = {}

    def count(self, path: str, rules: RuleList) -> None:
        """Count a list, once however often it is used. Raises `Unreadable` if that exceeds the
        budget."""
        if path in self._seen:
            return
        self._seen[path] = rules.count, rules.size
        counts, sizes = zip(*self._seen.values(), strict=True)
        if sum(counts) > MOST_RULES or sum(sizes) > MOST_BYTES:
            most = f"{MOST_RULES:,} rules or {MOST_BYTES:,} bytes"
            words = f"and the other ignore files for this file have more than {most}"
            raise Unreadable(words, "shorten them", path)


class Ignore:
    """Judges files. Caches what it read, and checks each time whether the cache is still valid."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """`environ` says where git's configuration is. Default: this process's environment."""
        self._environ = os.environ if environ is None else environ
        self._config = ConfigReader(self._environ)
        self._shelves = {
            (folded, strict): FileCache(partial(RuleList.parse, folded=folded, strict=strict))
            for folded in (False, True)
            for strict in (False, True)
        }
        self._workspaces = {
            folded: FileCache(partial(_workspace_rules, folded=folded)) for folded in (False, True)
        }
        self._settings: tuple[tuple[str, ...], bool, RuleList] | None = None

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
        try:
            found = ways(str(path))
            all_roots = tuple(dict.fromkeys(way for root in roots for way in ways(str(root))))
            budget, patterns = _Budget(), tuple(patterns)
            for number, one in enumerate(found):
                judge = _Judge(self, PathWalk.of(one), all_roots, patterns, budget, folder)
                saying = judge.saying() or (judge.by_workspaces() if trusted else None)
                if saying is not None:
                    leads = f"it leads to `{shown(one, all_roots)}`, and " if number else ""
                    return refusal_by(saying, leads)
        except Unreadable as error:
            tops = [absolute(str(root)) for root in roots]
            name = SETTING if error.path == SETTING else shown(error.path, tops)
            words = f"{name} {error.what}, and it may exclude this file"
            sentence = f"This file isn't sent to a model: {words}. To change that, {error.remedy}."
            return IgnoreRefusal(name, sentence)
        return None

    def rules_in(
        self, path: str, folded: bool, strict: bool, *, dangling: bool = False
    ) -> RuleList | None:
        """The rules of a file; `None` if there is none or, with `dangling`, if a link leads
        nowhere. Raises `Unreadable`."""
        return self._shelves[folded, strict].read(path, dangling=dangling)

    def workspace_rules(self, path: str, folded: bool) -> RuleList | None:
        """The setting `ignore` of a workspace's own file. Raises `Unreadable`."""
        return self._workspaces[folded].read(path)

    def config(
        self, repository: Repository | None, top: str, left: ReadBudget
    ) -> list[tuple[bool, tuple[str, ...]]]:
        """Whether case is ignored, and which lists count beside the `.gitignore` files, the
        strongest first; one entry for each possible configuration. Raises `Unreadable`."""
        if repository is None:
            known = self._config.read(None, None, top, left)
            info: tuple[str, ...] = ()
        else:
            known = self._config.read(repository.git_dir, repository.common, top, left)
            info = (os.path.join(repository.common, "info", "exclude"),)
        cases = dict.fromkeys(
            _FOLDED_BY_DEFAULT if case is None else case for case in known.ignore_case
        )
        # A repository may name another list for itself, but it cannot take away the user's own.
        # Each list is judged alone, so that none can undo what another ignores.
        lists = dict.fromkeys([*known.effective, *known.own])
        return [(folded, (*info, path) if path else info) for folded in cases for path in lists]

    def places_of_tree(self, repository: Repository) -> tuple[str, ...]:
        """Where the repository says that its files are, without links; empty if it does not say.
        Raises `Unreadable`."""
        tree = self._config.work_tree(repository.git_dir, repository.common)
        return () if tree is None else (absolute(tree), os.path.realpath(tree))

    def named_repository(self) -> tuple[Repository, tuple[str, ...]] | None:
        """The repository that `GIT_DIR` names, and where its files are. Raises `Unreadable`."""
        named = self._environ.get("GIT_DIR")
        found = Repository.kept_in(os.getcwd(), named) if named else None
        if found is None:
            return None
        if (tree := self._environ.get("GIT_WORK_TREE")) is not None:
            return found, (absolute(tree), os.path.realpath(tree))
        return found, self.places_of_tree(found) or (found.top, os.path.realpath(found.top))

    def settings_rules(self, patterns: tuple[str, ...], folded: bool) -> RuleList:
        """The rules of the setting. Raises `Unreadable`."""
        if self._settings is None or self._settings[:2] != (patterns, folded):
            raw = [pattern.encode("utf-8", "surrogateescape") for pattern in patterns]
            if sum(map(len, raw)) > MOST_BYTES:
                raise Unreadable(f"has more than {MOST_BYTES:,} bytes", "shorten it", SETTING)
            try:
                rules = RuleList.parse(b"\n".join(raw), folded=folded, strict=True)
            except Unreadable as error:
                words = error.what.replace(" in line ", " in its entry ")
                raise Unreadable(words, error.remedy, SETTING) from None
            self._settings = patterns, folded, rules
        return self._settings[2]


class _Judge:
    """One verdict about one path."""

    def __init__(
        self,
        ignore: Ignore,
        way: PathWalk,
        roots: Sequence[str],
        patterns: tuple[str, ...],
        budget: _Budget,
        folder: bool,
    ) -> None:
        self._ignore, self._way, self._patterns = ignore, way, patterns
        self._folders = len(way.names) if folder else len(way.names) - 1
        self._budget = budget
        found = (way.depth_of(root) for root in roots)
        self._roots = sorted(depth for depth in found if depth is not None)

    def saying(self) -> Saying | None:
        """The rule that ignores the path. Raises `Unreadable`."""
        if any(name.rstrip(". ").casefold() in _OF_GIT for name in self._way.names):
            return Saying(".git")
        trees = self._trees()
        for tree in trees:
            if (saying := self._walk(GIT_FILE, tree)) is not None:
                return saying
        # Ignoring case makes some of git's rules match nothing, and a repository can ask for it. So
        # our rules also count as they are written.
        for folded in sorted({False, *(tree.folded for tree in trees)}):
            own = _Tree(0, len(self._way.folders), 0, folded, ())
            saying = self._walk(OWN_FILE, own) or self._by_settings(folded)
            if saying is not None:
                return saying
        return None

    def _trees(self) -> list[_Tree]:
        """The working trees whose rules count, the outermost first.

        git knows only the innermost. If the workspace reaches beyond it, the trees around it count
        too, because the user opened them. Without a repository, every list above the file counts
        except the one in the user's home folder: some people keep `*` there.
        """
        folders = self._way.folders
        looked = ((depth, Repository.at(folder)) for depth, folder in enumerate(folders))
        found: list[tuple[int, Repository | None]] = [pair for pair in looked if pair[1]]
        starts = found[-1:]
        if not found:
            starts = [(self._top(), None)]
        elif self._roots and self._roots[0] < found[-1][0]:
            outermost = self._roots[0]
            around = [pair for pair in found if pair[0] <= outermost][-1:]
            beyond = [pair for pair in found if pair[0] > outermost]
            starts = [*(around or [(outermost, None)]), *beyond]
        order = sorted([*map(self._moved, starts), *self._named()], key=lambda pair: pair[0])
        ends = [*(first for first, _ in order[1:]), len(folders)]
        return [
            tree
            for (first, repository), last in zip(order, ends, strict=True)
            for tree in self._each(repository, first, last)
        ]

    def _moved(self, start: tuple[int, Repository | None]) -> tuple[int, Repository | None]:
        """A tree with the folder at which it begins, if its repository names another folder than
        the one it was found in. If that folder does not contain the path, the found one counts."""
        first, repository = start
        places = () if repository is None else self._ignore.places_of_tree(repository)
        return next(iter(self._depths(places)), first), repository

    def _named(self) -> Iterator[tuple[int, Repository | None]]:
        """The tree that the environment names, if it contains the path. git would use no other, but
        the server may have been started for another project."""
        named = self._ignore.named_repository()
        if named is not None:
            yield from ((depth, named[0]) for depth in self._depths(named[1]))

    def _depths(self, places: Sequence[str]) -> Sequence[int]:
        found = (self._way.depth_of(place) for place in dict.fromkeys(places))
        return [depth for depth in found if depth is not None]

    def _each(self, repository: Repository | None, first: int, last: int) -> Iterator[_Tree]:
        """One tree, once for each configuration that may be in force."""
        # The user's own lists apply everywhere.
        base = first if repository is not None or self._workspaces() else 0
        top, left = self._way.folders[base], self._budget.config
        for folded, others in self._ignore.config(repository, top, left):
            yield _Tree(first, last, base, folded, others)

    # -- rules in files --

    def _walk(self, name: str, tree: _Tree) -> Saying | None:
        """Walk from a tree's top down to the file. As in git, an ignored folder ends the walk:
        nothing below it can be included again."""
        way, strict = self._way, name == OWN_FILE
        others = list(self._others(tree))
        stack: list[tuple[int, str, RuleList]] = []
        for depth in range(tree.base, len(way.names)):
            if tree.first <= depth < tree.last:
                path = beside(way.folders[depth], name)
                rules = self._ignore.rules_in(path, tree.folded, strict)
                if rules is not None:
                    self._budget.count(path, rules)
                    stack.append((depth, path, rules))
            lists = [*reversed(stack), *others]
            saying = self._last_word(lists, depth, tree.base)
            if saying is not None:
                return saying
        return None

    def _others(self, tree: _Tree) -> Iterator[tuple[int, str, RuleList]]:
        for path in tree.others:
            rules = self._ignore.rules_in(path, tree.folded, False, dangling=True)
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
                tops = [self._way.folders[depth] for depth in {*self._roots, top} if depth]
                return Saying(shown(path, tops), match.line)
        return None

    # -- rules in the settings --

    def _by_settings(self, folded: bool) -> Saying | None:
        if not self._patterns:
            return None
        rules = self._ignore.settings_rules(self._patterns, folded)
        ignored = any(self._says(SETTING, rules, start) for start in self._bases())
        return Saying(SETTING) if ignored else None

    def by_workspaces(self) -> Saying | None:
        """The rule that ignores the path in the settings of one of the workspace's folders. Raises
        `Unreadable`."""
        for start in self._workspaces():
            path = beside(self._way.folders[start], WORKSPACE_FILE)
            for folded in sorted({False, _FOLDED_BY_DEFAULT}):
                rules = self._ignore.workspace_rules(path, folded)
                if rules is None:
                    break
                self._budget.count(path, rules)
                if self._says(path, rules, start):
                    tops = [self._way.folders[depth] for depth in self._roots if depth]
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
        return self._workspaces() or range(len(self._way.folders))

    def _top(self) -> int:
        """The first folder whose `.gitignore` counts if there is no repository: the root, or the
        one below the user's home. The home folder itself counts only if the workspace begins there.
        """
        home = self._way.depth_of(os.path.expanduser("~"))
        below = 0 if home is None else home + 1
        return min([below, *self._workspaces(), len(self._way.folders) - 1])

    def _workspaces(self) -> Sequence[int]:
        """The workspace's folders above the file, and the one that the command line would choose,
        the outermost first."""
        found = set(self._roots)
        above = workspace_above(Path(self._way.path))
        if above is not None and (depth := self._way.depth_of(str(above))) is not None:
            found.add(depth)
        return sorted(found)


def _workspace_rules(data: bytes, *, folded: bool) -> RuleList:
    """Parse the settings file of a workspace. Raises `Unreadable`."""
    settings = workspace_ignore(data)
    if settings.ignore_fault is not None:
        words = "has an ignore setting that can't be read"
        raise Unreadable(words, f"run {DOCTOR} in its folder and fix it")
    raw = b"\n".join(pattern.encode("utf-8", "surrogateescape") for pattern in settings.ignore)
    return RuleList.parse(raw, folded=folded, strict=True)
