"""A patch from a model in, the scope's whole new text out, hunk by hunk.

It knows neither the wire that the patch comes over nor the document that it goes into.
"""

from lsp_server.edit.patch.patch_reader import PatchReader

__all__ = ["PatchReader"]
