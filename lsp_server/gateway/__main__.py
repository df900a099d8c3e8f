"""`python -P -m lsp_server.gateway`: the gateway alone, as the language server starts it."""

import sys

from lsp_server.launch import keep_out

if __name__ == "__main__":
    keep_out()
    from lsp_server.gateway.process import main

    sys.exit(main())
