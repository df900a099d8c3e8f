"""`python -m lsp_server` is `midstream`; without arguments it is `midstream serve`."""

import sys

from lsp_server.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["serve"]))
