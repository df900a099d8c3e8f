"""Programs that make and publish the project. Nothing in `lsp_server` imports them."""
