"""`python -P -m lsp_server.context`: the process that keeps the index, as the server starts it."""

import sys

from lsp_server.launch import keep_out

if __name__ == "__main__":
    keep_out()
    from lsp_server.context.index_process import main

    sys.exit(main())
