"""An ignore file whose rules are not known; so nothing that it may speak of is sent."""

from lsp_server.errors import MidstreamError


class Unreadable(MidstreamError):
    """`what` is wrong, to be read after the file's name, and the `remedy`. `path` is the file."""

    def __init__(self, what: str, remedy: str, path: str = "") -> None:
        super().__init__(f"{path} {what}; {remedy}.")
        self.what, self.remedy, self.path = what, remedy, path

    def at(self, path: str) -> "Unreadable":
        """The same, with the file that it is about."""
        return self if self.path else Unreadable(self.what, self.remedy, path)
