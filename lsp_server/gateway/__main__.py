"""`python -P -m lsp_server.gateway`: the gateway without the rest of Midstream, as it is started by
the language server."""

import sys

from lsp_server.launch import keep_out

if __name__ == "__main__":
    keep_out()
    from lsp_server.gateway.process import main

    sys.exit(main())
