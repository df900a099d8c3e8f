"""A language with a grammar: how it is named, how it comments, how its text is parsed.

Its grammar is imported when it is first needed. Which languages there are stands in `languages.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module

import tree_sitter

from lsp_server.errors import TooCostly
from lsp_server.syntax.bounded_parse import Parse, Watch, parse_within
from lsp_server.syntax.grammar_workarounds import mended
from lsp_server.syntax.nesting_depth import shallow

__all__ = ["Language"]


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how editors and files name it, how it writes comments, where its grammar is.

    Compared and hashed by `id` alone.
    """

    id: str
    """The language id of the Language Server Protocol, for example `typescriptreact`."""
    name: str = field(compare=False)
    """The name people use, for example `TSX`."""
    module: str = field(compare=False, repr=False)
    """The Python package that holds the grammar."""
    factory: str = field(default="language", compare=False, repr=False)
    """The function in `module` that returns the grammar."""
    aliases: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Other ids that editors send for the same grammar (Vim file types, Helix and Emacs names)."""
    endings: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """File name endings, lower case, with the dot."""
    file_names: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Whole file names that have no telling ending."""
    interpreters: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Programs that a `#!` line may name, without version digits."""
    line_comments: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """What starts a comment that runs to the line's end; the usual one first."""
    block_comments: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    """Pairs that open and close a comment; the usual one first."""
    commas: bool = field(default=False, compare=False, repr=False)
    """Whether the document's dialect takes a comma behind the last item (JSON with comments)."""
    extra: bool = field(default=False, compare=False, repr=False)
    """Whether the grammar comes with `midstream[languages]` only. Without it the language is one
    of those that have none."""
    watch: Watch | None = field(default=None, compare=False, repr=False)
    """Says when a parse has taken long enough. None: parses take as long as they take."""

    def bounded(self, watch: Watch | None) -> "Language":
        """The same language, whose parses end when `watch` says so."""
        return replace(self, watch=watch)

    @property
    def grammar(self) -> tree_sitter.Language:
        """The grammar, loaded at the first call (0.2 to 14 ms, measured) and kept.

        Raises `ImportError` when the grammar's package is not installed or does not load.
        """
        return _load_grammar(self.module, self.factory)

    @property
    def available(self) -> bool:
        """Whether the grammar can be loaded here."""
        return _can_load(self.module, self.factory)

    def parse(self, source: bytes, old_tree: tree_sitter.Tree | None = None) -> tree_sitter.Tree:
        """Parse UTF-8 `source`, from `old_tree` on when one is given that was told of its edits.

        Holds the interpreter's lock for as long as it runs. Raises `TooCostly` when that gets too
        long for the one who is on `watch`; else it never fails, on any bytes.
        """
        parser, sound, old = self._prepared(source, old_tree)
        if self.watch is not None:
            return parse_within(self.watch, parser, self.module, sound, old)
        return parser.parse(sound) if old is None else parser.parse(sound, old)

    def begin(self, source: bytes, old_tree: tree_sitter.Tree | None = None) -> Parse:
        """The same parse, to be gone on with piece by piece. Raises `TooCostly`."""
        parser, sound, old = self._prepared(source, old_tree)
        return Parse(parser, self.module, sound, old)

    def reading(self) -> Callable[[], None]:
        """A reading of a tree begins; what comes back raises `TooCostly` when it gets too long."""
        if self.watch is None:
            return lambda: None
        over = self.watch()

        def look_at_the_time() -> None:
            if over():
                raise TooCostly("The tree of this text takes too long to read.")

        return look_at_the_time

    def _prepared(
        self, source: bytes, old_tree: tree_sitter.Tree | None
    ) -> tuple[tree_sitter.Parser, bytes, tree_sitter.Tree | None]:
        """A parser, the text as it may have it, and the old tree where that may be gone on from."""
        sound = mended(shallow(source, self.module), self.module)
        old = old_tree if sound is source or sound == source else None
        return tree_sitter.Parser(self.grammar), sound, old


@cache
def _load_grammar(module: str, factory: str) -> tree_sitter.Language:
    """Import a grammar's package and wrap what its factory returns."""
    try:
        return tree_sitter.Language(getattr(import_module(module), factory)())
    except (AttributeError, OSError, ValueError) as error:
        raise ImportError(f"The grammar in {module} does not load: {error}") from error


@cache
def _can_load(module: str, factory: str) -> bool:
    """Whether `_load_grammar` succeeds; remembered, so that a missing package costs one look."""
    try:
        _load_grammar(module, factory)
    except ImportError:
        return False
    return True
