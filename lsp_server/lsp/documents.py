"""The open documents, as `didOpen`, `didChange` and `didClose` describe them.

The editor owns the text and its version; the server never guesses either. A version that does not
grow is logged, and the text follows the editor all the same: what it sends is what it shows.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from lsp_server.errors import InvalidParams
from lsp_server.lsp import convert
from lsp_server.text.changes import ChangeSet
from lsp_server.text.lines import Encoding, Text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Document:
    """One open document as the editor holds it at one moment.

    `version` is the one of the last `didOpen` or `didChange`. Some editors begin at 0, and some
    skip numbers.
    """

    uri: str
    language_id: str
    version: int
    text: Text


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What one `didChange` did: `changes`, applied in order, lead from `before` to `after`."""

    before: Document
    after: Document
    changes: tuple[ChangeSet, ...]


class Documents:
    """All open documents, by URI."""

    def __init__(self, encoding: Encoding = Encoding.UTF16) -> None:
        self.encoding = encoding
        self._documents: dict[str, Document] = {}
        self._spellings: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._documents.values()))

    def get(self, uri: str) -> Document | None:
        """The open document `uri`, even if a client escapes the same URI in another way."""
        found = self._documents.get(uri)
        if found is None and (spelling := self._spellings.get(_plain(uri))):
            found = self._documents.get(spelling)
        return found

    def open(self, params: object) -> Document:
        """`textDocument/didOpen`. A document that is already open is opened again."""
        table = _item(params)
        uri = _uri(table)
        text = table.get("text")
        if not isinstance(text, str):
            raise InvalidParams("`textDocument.text` must be a string.")
        if uri in self._documents:
            log.warning("The editor opened a document that was already open.")
        language_id = table.get("languageId")
        document = Document(
            uri,
            language_id if isinstance(language_id, str) else "",
            _version(table.get("version"), 0),
            Text(text),
        )
        self._documents[uri] = document
        self._spellings[_plain(uri)] = uri
        return document

    def change(self, params: object) -> DocumentChange | None:
        """`textDocument/didChange`; `None` for a document that is not open.

        Raises `InvalidParams` if the changes cannot be read; the document then stays as it was.
        """
        table = _item(params)
        before = self.get(_uri(table))
        if before is None:
            log.warning("The editor changed a document that isn't open. Midstream ignores that.")
            return None
        content_changes = params.get("contentChanges") if isinstance(params, dict) else None
        changes, text = convert.changes_from(before.text, content_changes, self.encoding)
        version = _version(table.get("version"), before.version)
        if version <= before.version:
            log.warning("Version %d of a document follows version %d.", version, before.version)
        after = replace(before, version=version, text=text)
        self._documents[before.uri] = after
        return DocumentChange(before, after, changes)

    def close(self, params: object) -> Document | None:
        """`textDocument/didClose`: the document in its last state; `None` if it was not open."""
        document = self.get(_uri(_item(params)))
        if document is None:
            log.warning("The editor closed a document that isn't open.")
            return None
        del self._documents[document.uri]
        self._spellings.pop(_plain(document.uri), None)
        return document


def same_document(one: str, other: str) -> bool:
    """Whether two URIs name the same document, however they are escaped."""
    return _plain(one) == _plain(other)


def _item(params: object) -> convert.Json:
    table = params.get("textDocument") if isinstance(params, dict) else None
    if not isinstance(table, dict):
        raise InvalidParams("`textDocument` must be a JSON object.")
    return table


def _uri(table: convert.Json) -> str:
    uri = table.get("uri")
    if not isinstance(uri, str) or not uri:
        raise InvalidParams("`textDocument.uri` must be a non-empty string.")
    convert.uri_from(uri, "textDocument.uri")
    return uri


def _version(value: object, otherwise: int) -> int:
    """The editor's version, or the last one if it gave none. Never a version of our own."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    log.warning("The editor sent no version for a document.")
    return otherwise


def _plain(uri: str) -> str:
    """One spelling for all ways to write a URI: unescaped, with a drive's letter in lower case."""
    plain = unquote(uri)
    if plain.startswith("file:///") and plain[9:10] == ":":
        return plain[:8] + plain[8].lower() + plain[9:]
    return plain
