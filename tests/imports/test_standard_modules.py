"""The list of Python's own modules is complete."""

import sys

from lsp_server.imports.standard_modules import STANDARD_MODULES


def test_every_public_module_of_this_python_is_listed() -> None:
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    assert public <= STANDARD_MODULES
    assert "requests" not in STANDARD_MODULES
