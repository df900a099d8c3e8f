"""A closed port stays closed."""

import socket
from pathlib import Path

from tests.support.ports import FIRST, LAST, closed_port


def test_it_is_none_that_the_system_gives_to_who_asks_for_any() -> None:
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if given.exists():
        assert int(given.read_text().split()[0]) >= LAST
    assert FIRST <= closed_port() < LAST


def test_a_test_may_listen_there() -> None:
    port = closed_port()
    with socket.create_server(("127.0.0.1", port)), socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) == 0
