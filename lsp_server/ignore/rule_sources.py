"""Reads the rules that say what must not be sent: ignore files, git's configuration, settings.

`RuleSources` remembers what it parsed, and looks each time whether the file has changed.
`SharedReads` looks only once, for verdicts that are made together.
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial

from lsp_server.ignore.bounded_files import MOST_BYTES, FileCache
from lsp_server.ignore.gitconfig import ConfigReader, ReadBudget
from lsp_server.ignore.path_walk import MOST_FOLDERS, PathWalk, absolute, beside, link_target, ways
from lsp_server.ignore.repository import Repository, is_workspace
from lsp_server.ignore.rule_list import RuleList
from lsp_server.ignore.unreadable import Unreadable
from lsp_server.settings import workspace_ignore
from lsp_server.wording import DOCTOR

SETTING = "the setting `ignore`"
FOLDED_BY_DEFAULT = sys.platform in ("win32", "darwin")
"""Whether case is ignored where git's configuration does not say."""

Lists = tuple[tuple[bool, tuple[str, ...]], ...]
"""Whether case is ignored, and which lists count beside the `.gitignore` files, the strongest
first; one entry for each possible configuration."""


class RuleSources:
    """Reads rules, and each file again only when it has changed. For one thread at a time."""

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

    def rules_in(
        self, path: str, folded: bool, strict: bool, *, dangling: bool = False
    ) -> RuleList | None:
        """The rules of a file; `None` if there is none or, with `dangling`, if a link leads
        nowhere. Raises `Unreadable`."""
        return self._shelves[folded, strict].read(path, dangling=dangling)

    def workspace_rules(self, path: str, folded: bool) -> RuleList | None:
        """The setting `ignore` of a workspace's own file. Raises `Unreadable`."""
        return self._workspaces[folded].read(path)

    def config(self, repository: Repository | None, top: str, left: ReadBudget) -> Lists:
        """What git's configuration says for a working tree `top`. Raises `Unreadable`."""
        if repository is None:
            known = self._config.read(None, None, top, left)
            info: tuple[str, ...] = ()
        else:
            known = self._config.read(repository.git_dir, repository.common, top, left)
            info = (os.path.join(repository.common, "info", "exclude"),)
        cases = dict.fromkeys(
            FOLDED_BY_DEFAULT if case is None else case for case in known.ignore_case
        )
        # A repository may name another list for itself, but it cannot take away the user's own.
        # Each list is judged alone, so that none can undo what another ignores.
        lists = dict.fromkeys([*known.effective, *known.own])
        return tuple(
            (folded, (*info, path) if path else info) for folded in cases for path in lists
        )

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


class SharedReads:
    """The same, for verdicts that are made together: looks at each file and folder only once.

    What could not be read is looked at again. The cost of git's configuration counts for each
    verdict, as if it had been read for it.
    """

    def __init__(self, sources: RuleSources) -> None:
        self._sources = sources
        self._target = cache(link_target)
        self._is_plain = cache(self._has_no_link)
        self._walk = cache(self.walk)
        self._real_path: Callable[[str], str] = cache(os.path.realpath)
        self.repository = cache(Repository.at)
        self.is_workspace = cache(is_workspace)
        self.rules_in = cache(sources.rules_in)
        self.workspace_rules = cache(sources.workspace_rules)
        self.places_of_tree = cache(sources.places_of_tree)
        self.named_repository = cache(sources.named_repository)
        self.settings_rules = cache(sources.settings_rules)
        self._counted_config = cache(self._count_config)

    def ways(self, path: str) -> tuple[str, ...]:
        """See `ways`."""
        if path.count(os.sep) <= MOST_FOLDERS and self._is_plain(path):
            return (path,)
        return ways(path, self._target)

    def _has_no_link(self, path: str) -> bool:
        """Whether an absolute path is written without `.`, `..` and links."""
        folder, name = os.path.split(path)
        if not name:
            return ways(path, self._target) == (path,)
        is_name = name not in (".", "..") and path == beside(folder, name)
        return is_name and self._is_plain(folder) and not self._is_link(path)

    def real_path(self, path: str) -> str:
        """The path without links. Raises `ValueError` if no file can have this name."""
        # On Windows a name may be short for another, and a folder may be a link of another kind.
        shallow = os.sep == "/" and path.count("/") <= MOST_FOLDERS
        if shallow and "\0" not in path and self._is_plain(path):
            os.fsencode(path)
            return path
        return self._real_path(path)

    def _is_link(self, path: str) -> bool:
        try:
            return self._target(path) is not None
        except Unreadable:
            return True

    def walk(self, path: str) -> PathWalk:
        """See `PathWalk.of`."""
        folder, name = os.path.split(path)
        if not name or path.count(os.sep) > MOST_FOLDERS:
            return PathWalk.of(path)
        return self._walk(folder).child(name)

    def config(self, repository: Repository | None, top: str, left: ReadBudget) -> Lists:
        """See `RuleSources.config`."""
        lists, cost = self._counted_config(repository, top)
        left.add(cost)
        return lists

    def _count_config(self, repository: Repository | None, top: str) -> tuple[Lists, ReadBudget]:
        cost = ReadBudget()
        return self._sources.config(repository, top, cost), cost


def _workspace_rules(data: bytes, *, folded: bool) -> RuleList:
    """Parse the settings file of a workspace. Raises `Unreadable`."""
    settings = workspace_ignore(data)
    if settings.ignore_fault is not None:
        words = "has an ignore setting that can't be read"
        raise Unreadable(words, f"run {DOCTOR} in its folder and fix it")
    raw = b"\n".join(pattern.encode("utf-8", "surrogateescape") for pattern in settings.ignore)
    return RuleList.parse(raw, folded=folded, strict=True)
