"""Text that is safe to print: what a terminal could take for a command, and what nobody would see,
is made visible, by the same function as in an editor's menus.

So no file, no file's name and no model can play with the user's screen.
"""

from lsp_server.guard.invisible import visible

__all__ = ["visible"]
