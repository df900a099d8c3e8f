"""A language with a grammar: its names, what its text and its nodes mean, and how it is parsed.

The package `languages` has one of these for each language.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module

import tree_sitter

from lsp_server.errors import TooCostly
from lsp_server.syntax.bounded_parse import Parse, Watch, parse_within
from lsp_server.syntax.declarations import Declarations, NoDeclarations
from lsp_server.syntax.embedded_rules import EmbeddedRules
from lsp_server.syntax.nesting_depth import Nesting, shallow
from lsp_server.syntax.node_rules import NodeRules
from lsp_server.syntax.text_rules import TextRules

__all__ = ["C_COMMENTS", "MARKUP_COMMENTS", "Language"]

C_COMMENTS = (("/*", "*/"),)
MARKUP_COMMENTS = (("<!--", "-->"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """All that is known of one language. What has no default has to be said of each.

    Compared and hashed by `id` alone.
    """

    id: str
    """The language id of the Language Server Protocol, for example `typescriptreact`."""

    # -- names --
    name: str = field(compare=False)
    """The name people use, for example `TSX`."""
    aliases: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Other ids that editors send for the same grammar (Vim file types, Helix and Emacs names)."""
    own_names: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """Aliases that a prompt should use instead of `id`: Vue is not HTML."""
    endings: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """File name endings, lower case, with the dot."""
    file_names: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Whole file names that have no telling ending."""
    interpreters: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Programs that a `#!` line may name, without version digits."""
    dialect: "Callable[[Language, str, str, str], Language] | None" = field(
        default=None, compare=False, repr=False
    )
    """From the language, the editor's id, the path and the text to the dialect of a document."""
    commas: bool = field(default=False, compare=False, repr=False)
    """Whether the document's dialect takes a comma after the last item (JSON with comments)."""

    # -- text and nodes --
    line_comments: tuple[str, ...] = field(compare=False, repr=False)
    """What starts a comment that runs to the line's end; the usual one first."""
    block_comments: tuple[tuple[str, str], ...] = field(compare=False, repr=False)
    """Pairs that open and close a comment; the usual one first."""
    nodes: NodeRules = field(compare=False, repr=False)
    declarations: Declarations | NoDeclarations = field(compare=False, repr=False)
    text: TextRules = field(compare=False, repr=False)
    embedded: EmbeddedRules | None = field(default=None, compare=False, repr=False)
    """Pieces of other languages. None: there are none."""

    # -- the grammar --
    module: str = field(compare=False, repr=False)
    """The Python package that holds the grammar."""
    factory: str = field(default="language", compare=False, repr=False)
    """The function in `module` that returns the grammar."""
    extra: bool = field(default=False, compare=False, repr=False)
    """Whether the grammar comes with `midstream[languages]` only. Where it is not installed,
    `language_for` does not know the language."""
    nesting: Nesting = field(default=Nesting(), compare=False, repr=False)
    """How deep a text may nest."""
    rewritten: Callable[[bytes], bytes] | None = field(default=None, compare=False, repr=False)
    """Rewrites sound text that the grammar does not take, in the same length. None: no need."""
    silent_errors: "Callable[[tree_sitter.Node, bytes, Language], int] | None" = field(
        default=None, compare=False, repr=False
    )
    """Counts, from the root of a tree and its source, what the grammar takes and the language does
    not. May raise `TooCostly`. None: there is nothing to count."""
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
        """Parse UTF-8 `source`, starting from `old_tree`, which was adjusted to all edits since.

        Holds the interpreter's lock for as long as it runs. Raises `TooCostly` when `watch` ends
        it; otherwise it never fails, on any bytes.
        """
        parser, sound, old = self._prepared(source, old_tree)
        if self.watch is not None:
            return parse_within(self.watch, parser, self.nesting, sound, old)
        return parser.parse(sound) if old is None else parser.parse(sound, old)

    def begin(self, source: bytes, old_tree: tree_sitter.Tree | None = None) -> Parse:
        """The same parse, not begun yet, to be run piece by piece. Raises `TooCostly`."""
        parser, sound, old = self._prepared(source, old_tree)
        return Parse(parser, self.nesting, sound, old)

    def reading(self) -> Callable[[], None]:
        """Begin to read a tree. The result raises `TooCostly` once that takes too long."""
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
        """A parser, the source that the grammar can take, and the old tree if it still fits."""
        sound = shallow(source, self.nesting)
        if self.rewritten is not None:
            sound = self.rewritten(sound)
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
