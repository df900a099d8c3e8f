"""Whether a document may be sent to a model, by its URI. `lsp_server.ignore` decides."""

from collections.abc import Sequence
from pathlib import Path

from lsp_server.ignore import Ignore
from lsp_server.lsp.uris import paths_meant


def refusal_of(
    ignore: Ignore,
    uri: str,
    roots: Sequence[Path],
    patterns: Sequence[str],
    *,
    trusted: bool = True,
) -> str | None:
    """Why the document must not be sent; `None` if it may be.

    Raises `RequestFailed` for a URI that cannot be read.
    """
    for path in paths_meant(uri):
        refusal = ignore.refusal(path, roots, patterns, trusted=trusted)
        if refusal is not None:
            return refusal.sentence
    return None
