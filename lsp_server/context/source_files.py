"""Reads source files for a lookup, and remembers what it read while the files do not change.

The unsaved text of an open document wins over the file. Only regular files are read, only so many
bytes of them, and no binary ones.
"""

import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from lsp_server.context.file_facts import Declared, FileFacts, facts_of
from lsp_server.context.generated_text import is_generated
from lsp_server.context.query import OpenDocument
from lsp_server.context.stored_facts import StoredFacts, facts_in
from lsp_server.ignore.bounded_files import read_bounded, regular
from lsp_server.ignore.unreadable import Unreadable
from lsp_server.imports.statements import ImportStatement, import_statements
from lsp_server.syntax.language import Language
from lsp_server.syntax.language_names import language_name
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import ChangeSet
from lsp_server.text.lines import split_lines

__all__ = ["FRESH_NS", "MOST_FILE_BYTES", "ParsedFile", "SourceFiles"]

MOST_FILE_BYTES = 512 * 1024
"""Longer files are not read. People write no source files of that length; generators do."""
MOST_KEPT = 24_000_000
"""Code points of all texts that are kept: the files around some hundred edits."""
_MOST_TRIES = 3
"""How often a file is read that changes while it is read; then it is left out."""
_BINARY_IN = 8_192
"""Bytes in which a zero byte tells that a file is binary."""
_Stamp = tuple[int, int, int, int]
FRESH_NS = 20_000_000
"""Nanoseconds. A file that changed this recently may change again without a new timestamp."""
_PARSE_S = 0.25
"""Processor time for one parse, in seconds: ten times what an ordinary file of the most bytes that
is read takes. A text that takes longer declares nothing."""
_DECLARES = (
    # Behind a word that declares; in Go with a receiver before the name.
    re.compile(
        r"\b(?:(?:def|class|func|fun|fn|function|type|struct|enum|interface|trait|protocol|object|record"
        r"|union|module|namespace|mod|const|static|let|var|val|typedef|define|extension|actor|impl"
        r"|typealias|delegate|macro_rules!|data|case)[ \t]*\*?[ \t]+)+(?:mut[ \t]+)?"
        r"(?:\([^)\n]*\)[ \t]*)?(?:<[^>\n]*>[ \t]*)?(?:self\.|[\w<>?]+\.)?([^\W\d]\w*)"
    ),
    # At the start of a line, before a value or alone: `NAME = 1`, `NAME: int`, a block of Go.
    re.compile(r"^[ \t]*([^\W\d]\w*)\b(?=[^=\n(]{0,80}(?:=[^=]|,?$))", re.MULTILINE),
    # Before parameters and a body, or at the end of a prototype.
    re.compile(
        r"\b([^\W\d]\w*)[ \t]*(?=\([^;{}]{0,300}\)[^;{}()=\n]{0,80}(?:\{|;|$))", re.MULTILINE
    ),
    # Behind a type: `static final int NAME =`, `char NAME[]`, `} NAME;`.
    re.compile(
        r"^[ \t]*[@(\w][\w@(),. \t<>*\[\]:&?]{0,150}[ \t*&]([^\W\d]\w*)(?=[ \t]*[=;\[{])",
        re.MULTILINE,
    ),
    re.compile(r"\}[ \t]*\*?([^\W\d]\w*)[ \t]*;"),
)
"""Where a file may declare a name, in any language. They find more than there is."""
_GO_DECLARES = re.compile(
    r"^(?:func[ \t]+(?:\([^)\n]*\)[ \t]*)?|(?:type|var|const)[ \t]+)([^\W\d]\w*(?:, *\w+)*)",
    re.MULTILINE,
)
_GO_BLOCK = re.compile(
    r"^(?:type|var|const)[ \t]*(?:\(|\w+[ \t]+interface[ \t]*\{)(.*?)^[)}]",
    re.MULTILINE | re.DOTALL,
)
_GO_LINE = re.compile(r"^\t([^\W\d]\w*(?:, *\w+)*)", re.MULTILINE)
"""The same for Go, without fields: a lookup asks all files of a package, so it must be quick."""
_EXPORTS = re.compile(
    r"^export\s+(?:type\s+)?\{([^}]*)\}|^(?:export\s+default|module\.exports\s*=)\s+([\w$]+)\s*;?$",
    re.MULTILINE,
)


@dataclass
class ParsedFile:
    """The text of one file, and what it says; each is found when it is first asked for.

    Not hashable and never changed: a changed file is a new object.
    """

    path: Path
    text: str
    language_id: str = ""
    """What the editor says; empty for a file from the disk."""
    is_open: bool = False
    """Whether it is a document that the editor has open."""
    calls: dict[str, Sequence[tuple[int, int]]] = field(default_factory=dict, repr=False)
    """The lines of calls in the file, for the names that were looked for."""
    stored: Callable[[], bytes] = field(default=bytes, repr=False)
    """What the index says of this very text, as `stored_facts` writes it; empty for nothing."""
    _tree: DocumentTree | None = field(default=None, repr=False)

    @cached_property
    def language(self) -> Language | None:
        """The language; None if there is no grammar for it."""
        return language_for(self.language_id or None, str(self.path), self.text)

    @cached_property
    def language_name(self) -> str:
        """The LSP language id."""
        return language_name(self.language_id or None, str(self.path), self.text)

    @property
    def tree(self) -> DocumentTree | None:
        """The tree. It takes much memory, so it is kept for open documents only."""
        if self._tree is None and self.language is not None:
            tree = DocumentTree(self.language.bounded(_parse_watch), self.text)
            if not self.is_open:
                return tree
            self._tree = tree
        return self._tree

    @property
    def parsed(self) -> DocumentTree | None:
        """The tree, if it is kept and was asked for."""
        return self._tree

    @cached_property
    def _known(self) -> StoredFacts | None:
        """What the index says, which spares a parse."""
        data = self.stored()
        return facts_in(data, len(self.lines), len(self.text)) if data else None

    @cached_property
    def facts(self) -> FileFacts:
        """What the file declares."""
        if self._known is not None:
            return self._known.facts
        tree = self.tree
        if tree is None or not tree.readable:
            return FileFacts()
        return facts_of(self.text, self.language, tree)

    @cached_property
    def imports(self) -> tuple[ImportStatement, ...]:
        """What the file imports. A second parse: most files are asked only what they declare."""
        if self._known is not None:
            return self._known.imports
        tree = self.tree
        return () if tree is None else import_statements(tree)

    @cached_property
    def is_generated(self) -> bool:
        """Whether a program made the text. The index keeps no facts of such files."""
        return self._known is None and is_generated(self.text)

    @cached_property
    def exported_as(self) -> Mapping[str, str]:
        """From the names that the file exports to its own names for them, where they differ
        (JavaScript, TypeScript)."""
        found = {}
        for names, default in _EXPORTS.findall(self.text):
            if default:
                found["default"] = default
            for each in names.split(","):
                own, _, exported = (part.strip() for part in each.partition(" as "))
                if exported:
                    found[exported] = own
        return found

    @cached_property
    def may_declare(self) -> frozenset[str]:
        """Names that the file may declare, found without a parse: maybe more than there are."""
        if self._known is not None:
            return frozenset(one.name for one in self._known.facts.declared)
        if self.path.suffix == ".go":
            inside = (_GO_LINE.findall(block) for block in _GO_BLOCK.findall(self.text))
            names = [
                *_GO_DECLARES.findall(self.text),
                *(each for block in inside for each in block),
            ]
            return frozenset(name.strip() for each in names for name in each.split(","))
        return frozenset(
            name for pattern in _DECLARES for name in pattern.findall(self.text) if name
        )

    @cached_property
    def lines(self) -> list[str]:
        """The lines with their line ends."""
        return split_lines(self.text)

    def declared(self, name: str) -> Sequence[Declared]:
        """What the file declares under a name outside of classes."""
        return self.facts.named(name)


class SourceFiles:
    """Files by path, the least recently used forgotten first. Never raises."""

    def __init__(
        self,
        most_kept: int = MOST_KEPT,
        stored: Callable[[str, int, int], bytes] = lambda path, size, mtime_ns: b"",
    ) -> None:
        """`most_kept` are code points of all texts together.

        `stored` asks the index for what it knows of a file of this size and time of change, as
        `stored_facts` writes it; empty for nothing.
        """
        self._most, self._stored = most_kept, stored
        self._kept: OrderedDict[str, tuple[_Stamp, ParsedFile]] = OrderedDict()
        self._size = 0
        self._open: dict[str, ParsedFile] = {}

    def opened(self, documents: Sequence[OpenDocument]) -> ParsedFile:
        """From now on these documents' texts win over their files. Returns the first."""
        before, self._open = self._open, {}
        for document in reversed(documents):
            path = os.path.normpath(document.path)
            known = before.get(path)
            if known is None or known.text != document.text:
                tree = _updated(known, document)
                known = ParsedFile(
                    Path(path),
                    document.text,
                    document.language,
                    is_open=True,
                    stored=partial(self._stored_of_open, document),
                    _tree=tree,
                )
            self._open[path] = known
        return self._open[os.path.normpath(documents[0].path)]

    def of(self, document: OpenDocument) -> ParsedFile | None:
        """An open document."""
        return self._open.get(os.path.normpath(document.path))

    def read(self, path: str) -> ParsedFile | None:
        """A file as it is now; None if there is none, or it is too long, binary or no file."""
        if (opened := self._open.get(path)) is not None:
            return opened
        try:
            for _ in range(_MOST_TRIES):
                stamp = _stamp(path)
                if stamp is None:
                    return None
                known = self._kept.get(path)
                if known is not None and known[0] == stamp:
                    self._kept.move_to_end(path)
                    return known[1]
                data = read_bounded(path, MOST_FILE_BYTES)
                if _stamp(path) == stamp:
                    return self._parsed(path, stamp, data)
        except (Unreadable, ValueError):
            pass
        return None

    def _parsed(self, path: str, stamp: _Stamp, data: bytes) -> ParsedFile | None:
        """The file with these bytes, kept if it cannot change unseen; None if it is binary."""
        if b"\0" in data[:_BINARY_IN]:
            return None
        stored = partial(self._stored, path, stamp[1], stamp[2])
        file = ParsedFile(Path(path), data.decode("utf-8-sig", "replace"), stored=stored)
        if time.time_ns() - max(stamp[2:]) > FRESH_NS:
            self._keep(path, stamp, file)
        return file

    def _stored_of_open(self, document: OpenDocument) -> bytes:
        """What the index knows of a document whose file holds the same text."""
        path = os.path.normpath(document.path)
        own = language_for(document.language or None, path, document.text)
        if own is not language_for(None, path, document.text):
            return b""
        try:
            stamp = _stamp(path)
            if stamp is None or stamp[1] != len(document.text.encode("utf-8", "replace")):
                return b""
            known = self._stored(path, stamp[1], stamp[2])
            same = bool(known) and read_bounded(path, MOST_FILE_BYTES) == document.text.encode()
        except (Unreadable, ValueError):
            return b""
        return known if same else b""

    def _keep(self, path: str, stamp: _Stamp, file: ParsedFile) -> None:
        known = self._kept.pop(path, None)
        self._size += len(file.text) - (len(known[1].text) if known is not None else 0)
        self._kept[path] = stamp, file
        while self._size > self._most:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._size -= len(oldest.text)


def _updated(known: ParsedFile | None, document: OpenDocument) -> DocumentTree | None:
    """The tree of an earlier text of a document, moved on to its present one: typing costs no whole
    parse. Nobody uses the earlier text any more."""
    tree = known.parsed if known is not None and known.language_id == document.language else None
    if tree is None or tree.halted:
        return None
    tree.update(document.text, ChangeSet.replace(tree.text, document.text))
    return tree


def _parse_watch() -> Callable[[], bool]:
    """Begin a parse; says when it has to end."""
    end = time.thread_time() + _PARSE_S
    return lambda: time.thread_time() > end


def _stamp(path: str) -> _Stamp | None:
    """What tells whether a file has changed; None if there is none, or it is too long. Raises
    `Unreadable`."""
    status = regular(path)
    if status is None or status.st_size > MOST_FILE_BYTES:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
