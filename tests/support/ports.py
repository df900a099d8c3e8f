"""Ports at which nobody listens."""

import random
import socket

FIRST, LAST = 20_000, 32_000
"""Below what systems give to those who ask for any port (Linux: from 32768 on, others 49152)."""


def closed_port() -> int:
    """A port of this machine at which nobody listens, and at which a test may.

    One that the system has given and that was let go is soon given to somebody else: to the server
    of a test in another process, which then hears what was not meant for it.
    """
    draw = random.SystemRandom()  # Not what Hypothesis seeds, the same in all processes.
    while True:
        port = draw.randrange(FIRST, LAST)
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                return port
