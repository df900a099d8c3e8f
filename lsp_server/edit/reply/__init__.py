"""The model's raw reply in, the scope's new text out: fences, prose, columns, echoes, placeholders.

It knows neither the wire that the reply comes over nor the document that it goes into.
"""

from lsp_server.edit.reply.reply_reader import ReplyReader
from lsp_server.edit.reply.unfenced_lines import Doubt

__all__ = ["Doubt", "ReplyReader"]
