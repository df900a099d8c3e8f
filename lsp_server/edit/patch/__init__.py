"""Turns a patch from a model into the new text of the whole scope, hunk by hunk.

Knows neither how the patch is transferred nor the document that the scope is in.
"""

from lsp_server.edit.patch.patch_reader import PatchReader

__all__ = ["PatchReader"]
