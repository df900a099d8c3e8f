"""Whether a host is this very machine. Alone in its module, because the gateway needs it too and
should load nothing else of the backends."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without brackets and port, means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
