"""Bounds the memory that all clients of one gateway use together.

Counts waiting requests, requests being answered and conversations that may be continued, in bytes.
"""

MAX_HELD_BYTES = 128 * 2**20


class MemoryUse:
    """One budget for all sockets of a gateway, in bytes."""

    def __init__(self, most: int = MAX_HELD_BYTES) -> None:
        self._left = most

    def take(self, size: int) -> bool:
        """Take `size` bytes. False, and nothing taken, if too few are left."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """Give `size` bytes back."""
        self._left += size
