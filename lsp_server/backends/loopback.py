"""Whether a host is this very machine: by `places`, for who needs nothing else of it."""

from lsp_server.places import is_loopback

__all__ = ["is_loopback"]
