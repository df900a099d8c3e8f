"""Which hosts are this machine."""

from lsp_server.addresses import is_loopback


def test_only_what_never_leaves_the_machine_is_loopback() -> None:
    names = ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"]
    assert all(map(is_loopback, names))
    assert not any(map(is_loopback, ["", "0.0.0.0", "10.0.0.1", "localhost.evil", "::"]))
