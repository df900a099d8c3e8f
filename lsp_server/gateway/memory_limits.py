"""How much all clients of one gateway may have it hold: requests that wait, those that are being
answered, and conversations that may be gone on with. Knows only how many bytes there are."""

MAX_HELD_BYTES = 128 * 2**20


class MemoryUse:
    """One count for all sockets of a gateway."""

    def __init__(self, most: int = MAX_HELD_BYTES) -> None:
        self._left = most

    def take(self, size: int) -> bool:
        """Whether so many bytes more may be held; then they are."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """They are held no more."""
        self._left += size
