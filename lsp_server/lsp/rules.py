"""The project's own rules for whoever writes its code, as the model is told them."""

from pathlib import Path

RULES_FILES = (".midstream/rules.md", "AGENTS.md")
"""Looked for in the workspace's folder; both are read, in this order."""
_MOST_BYTES = 200_000


def rules_of(root: Path | None) -> str:
    """What the project's rules files say; "" without any. A file that cannot be read says nothing.

    A file that is a link out of the workspace is left alone: a cloned project must not be able to
    have another file of the user's sent to a model.
    """
    if root is None:
        return ""
    texts = (_read(root, name) for name in RULES_FILES)
    return "\n\n".join(text for text in texts if text)


def _read(root: Path, name: str) -> str:
    try:
        path = (root / name).resolve(strict=True)
        inside = path.is_relative_to(root.resolve())
        if not inside or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return ""
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
