"""`python -P -m lsp_server` is `midstream`. Without arguments it is `midstream serve`."""

import sys

from lsp_server.launch import keep_out


def midstream() -> int:
    """The program `midstream`. Returns the exit code."""
    keep_out()
    from lsp_server.cli.main import main

    return main()


if __name__ == "__main__":
    sys.argv[1:] = sys.argv[1:] or ["serve"]
    sys.exit(midstream())
