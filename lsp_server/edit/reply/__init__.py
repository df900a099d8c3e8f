"""Turns the model's raw reply into the new text of the scope.

Removes fences, prose and repeated context, moves lines to the document's columns, and fills
placeholders. Knows neither how the reply is transported nor how the document is edited.
"""

from lsp_server.edit.reply.reply_reader import ReplyReader
from lsp_server.edit.reply.unfenced_lines import Doubt

__all__ = ["Doubt", "ReplyReader"]
