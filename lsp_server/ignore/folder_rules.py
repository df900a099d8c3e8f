"""Which rules count for the files of one folder: the working trees around it and the workspaces."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from lsp_server.ignore.gitconfig import ReadBudget
from lsp_server.ignore.path_walk import PathWalk, beside
from lsp_server.ignore.repository import Repository
from lsp_server.ignore.rule_sources import SharedReads


@dataclass(frozen=True, slots=True)
class Tree:
    """The rules of one working tree. Its `.gitignore` files are in `folders[first:last]` of a path;
    the other lists, `others`, count from `folders[base]`."""

    first: int
    last: int
    base: int
    folded: bool
    others: tuple[str, ...]


class FolderRules:
    """What is the same for all files of a folder."""

    def __init__(self, reads: SharedReads, way: PathWalk, roots: Sequence[str]) -> None:
        """`way` is the path of any of them, `roots` the workspace's folders."""
        self._reads, self._way, self._folders = reads, way, way.folders
        self.roots = sorted(self._depths(roots))
        """Which of the folders above are the workspace's, the outermost first."""
        self._paths: dict[str, Sequence[str]] = {}

    def paths(self, name: str) -> Sequence[str]:
        """The paths of a name in this folder and in those above it, the outermost first."""
        if name not in self._paths:
            self._paths[name] = [beside(folder, name) for folder in self._folders]
        return self._paths[name]

    def trees(self, left: ReadBudget) -> Sequence[Tree]:
        """The working trees whose rules count, the outermost first. Raises `Unreadable`."""
        trees, cost = self._counted_trees
        left.add(cost)
        return trees

    @cached_property
    def workspaces(self) -> Sequence[int]:
        """The workspace's folders above the file, and the one that the command line would choose,
        the outermost first."""
        found, folders = set(self.roots), self._folders
        nearest = (d for d in reversed(range(len(folders))) if self._reads.is_workspace(folders[d]))
        found.update(islice(nearest, 1))
        return sorted(found)

    @cached_property
    def _counted_trees(self) -> tuple[Sequence[Tree], ReadBudget]:
        """The trees, and what it costs to know them.

        git knows only the innermost. If the workspace reaches beyond it, the trees around it count
        too, because the user opened them. Without a repository, every list above the file counts
        except the one in the user's home folder: some people keep `*` there.
        """
        cost = ReadBudget()
        folders = self._folders
        looked = ((depth, self._reads.repository(folder)) for depth, folder in enumerate(folders))
        found: list[tuple[int, Repository | None]] = [pair for pair in looked if pair[1]]
        starts = found[-1:]
        if not found:
            starts = [(self._top(), None)]
        elif self.roots and self.roots[0] < found[-1][0]:
            outermost = self.roots[0]
            around = [pair for pair in found if pair[0] <= outermost][-1:]
            beyond = [pair for pair in found if pair[0] > outermost]
            starts = [*(around or [(outermost, None)]), *beyond]
        order = sorted([*map(self._moved, starts), *self._named()], key=lambda pair: pair[0])
        ends = [*(first for first, _ in order[1:]), len(folders)]
        return [
            tree
            for (first, repository), last in zip(order, ends, strict=True)
            for tree in self._each(repository, first, last, cost)
        ], cost

    def _moved(self, start: tuple[int, Repository | None]) -> tuple[int, Repository | None]:
        """A tree with the folder at which it begins, if its repository names another folder than
        the one it was found in. If that folder does not contain the path, the found one counts."""
        first, repository = start
        places = () if repository is None else self._reads.places_of_tree(repository)
        return next(iter(self._depths(places)), first), repository

    def _named(self) -> Iterator[tuple[int, Repository | None]]:
        """The tree that the environment names, if it contains the path. git would use no other, but
        the server may have been started for another project."""
        named = self._reads.named_repository()
        if named is not None:
            yield from ((depth, named[0]) for depth in self._depths(named[1]))

    def _depths(self, places: Sequence[str]) -> Sequence[int]:
        found = (self._way.depth_of(place) for place in dict.fromkeys(places))
        return [depth for depth in found if depth is not None]

    def _each(
        self, repository: Repository | None, first: int, last: int, cost: ReadBudget
    ) -> Iterator[Tree]:
        """One tree, once for each configuration that may be in force."""
        # The user's own lists apply everywhere.
        base = first if repository is not None or self.workspaces else 0
        for folded, others in self._reads.config(repository, self._folders[base], cost):
            yield Tree(first, last, base, folded, others)

    def _top(self) -> int:
        """The first folder whose `.gitignore` counts if there is no repository: the root, or the
        one below the user's home. The home folder itself counts only if the workspace begins there.
        """
        home = self._way.depth_of(os.path.expanduser("~"))
        below = 0 if home is None else home + 1
        return min([below, *self.workspaces, len(self._folders) - 1])
