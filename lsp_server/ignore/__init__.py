"""Which files must not be sent to a model."""

from lsp_server.ignore.files import Shelf
from lsp_server.ignore.repository import workspace_above
from lsp_server.ignore.unreadable import Unreadable
from lsp_server.ignore.verdict import Ignore
from lsp_server.ignore.words import Refusal

__all__ = ["Ignore", "Refusal", "Shelf", "Unreadable", "workspace_above"]
