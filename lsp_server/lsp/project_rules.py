"""The project's own rules for whoever writes its code, as the model is told them."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from lsp_server.ignore import FileCache, Ignore, Unreadable

log = logging.getLogger(__name__)

RULES_FILES = (".midstream/rules.md", "AGENTS.md")
"""Looked for in the workspace's folder; both are read, in this order."""
_MOST_BYTES = 200_000


class RulesFiles:
    """Reads them, and again only when they change."""

    def __init__(self, ignore: Ignore) -> None:
        self._ignore = ignore
        self._file_cache = FileCache(_text, _MOST_BYTES)

    def of(self, root: Path | None, roots: Sequence[Path], patterns: Sequence[str]) -> str:
        """What the rules files in `root` say; "" without any.

        A rules file is a file like any other: one that is ignored, or cannot be read, says
        nothing. Nor does a link out of the workspace: a cloned project must not be able to have
        another file of the user's sent to a model.
        """
        if root is None:
            return ""
        texts = (self._read(root, name, roots, patterns) for name in RULES_FILES)
        return "\n\n".join(text for text in texts if text)

    def _read(self, root: Path, name: str, roots: Sequence[Path], patterns: Sequence[str]) -> str:
        path = str(root / name)
        try:
            real, top = (os.path.realpath(place) for place in (path, root))
            if not os.path.lexists(path) or not Path(real).is_relative_to(top):
                return ""
            refusal = self._ignore.refusal(path, (*roots, root), patterns)
            if refusal is not None:
                log.info("%s is left out. %s", name, refusal.sentence)
                return ""
            # What has been judged is read: the link may lead elsewhere by now.
            return self._file_cache.read(real) or ""
        except Unreadable as error:
            log.info("%s is left out: it %s.", name, error.what)
        except (OSError, ValueError) as error:
            log.info("%s is left out: %s", name, error)
        return ""


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace").strip()
