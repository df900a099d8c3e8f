"""Which files must not be sent to a model."""

from lsp_server.ignore.bounded_files import Shelf
from lsp_server.ignore.explanations import Refusal
from lsp_server.ignore.ignore_verdict import Ignore
from lsp_server.ignore.repository import workspace_above
from lsp_server.ignore.unreadable import Unreadable

__all__ = ["Ignore", "Refusal", "Shelf", "Unreadable", "workspace_above"]
