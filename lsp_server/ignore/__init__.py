"""Decides which files must never be sent to a model."""

from lsp_server.ignore.bounded_files import FileCache
from lsp_server.ignore.explanations import IgnoreRefusal
from lsp_server.ignore.ignore_verdict import Ignore, Verdicts
from lsp_server.ignore.repository import workspace_above
from lsp_server.ignore.unreadable import Unreadable

__all__ = ["FileCache", "Ignore", "IgnoreRefusal", "Unreadable", "Verdicts", "workspace_above"]
