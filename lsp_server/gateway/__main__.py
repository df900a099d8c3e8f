"""`python -m lsp_server.gateway`: the gateway without the rest of Midstream, as it is started by
the language server."""

import sys

from lsp_server.gateway.run import main

if __name__ == "__main__":
    sys.exit(main())
