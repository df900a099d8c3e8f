"""What the kinds of nodes mean in the languages of the extra: more tables, as in `rules.py`."""

from collections.abc import Mapping

from lsp_server.syntax.kinds import SHARED_LISTS, Rules, kinds

__all__ = ["EXTRA_RULES"]

_HCL = Rules(
    bodies=kinds("config_file body"),
    loose=kinds("object tuple"),
    lists=SHARED_LISTS | kinds("function_arguments"),
    functions=kinds("block"),
    classes=kinds("block"),
    atoms=kinds("string_lit quoted_template heredoc_template"),
    holes=kinds("template_interpolation"),
)

_XML = Rules(
    bodies=kinds("document prolog content"),
    headers=kinds("STag ETag CharData EntityRef CharRef"),
    comments=kinds("Comment"),
    atoms=kinds("AttValue ETag CDSect XMLDecl doctypedecl"),
    repeats=kinds("Attribute"),
)

EXTRA_RULES: Mapping[str, Rules] = {
    "hcl": _HCL,
    "xml": _XML,
}
"""By language id."""
