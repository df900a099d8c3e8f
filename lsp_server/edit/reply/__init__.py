"""The model's raw reply in, the scope's new text out: fences, prose, columns, echoes, placeholders.

It knows neither the wire that the reply comes over nor the document that it goes into.
"""

from lsp_server.edit.reply.raw import Doubt
from lsp_server.edit.reply.reader import ReplyReader

__all__ = ["Doubt", "ReplyReader"]
