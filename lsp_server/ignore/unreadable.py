"""An ignore file whose rules are unknown. Nothing that it might cover is sent."""

from lsp_server.errors import MidstreamError


class Unreadable(MidstreamError):
    """`what` is wrong (phrased to follow the file's name), the `remedy`, and the `path` of the
    file."""

    def __init__(self, what: str, remedy: str, path: str = "") -> None:
        super().__init__(f"{path} {what}; {remedy}.")
        self.what, self.remedy, self.path = what, remedy, path

    def at(self, path: str) -> "Unreadable":
        """The same error, with the path of the file filled in."""
        return self if self.path else Unreadable(self.what, self.remedy, path)
