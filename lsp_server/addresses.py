"""Where an address leads, told by the address alone: this very machine, a private network, or out.

Only a whole IP address says so. A name can lead anywhere; `checked_address` asks the system where
it leads now, and what is connected to is what was looked at.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from lsp_server.errors import SettingsError

PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
"""RFC 1918, unique local (RFC 4193) and link-local addresses. What the standard library calls
private holds much more, `0.0.0.0` and addresses of documentation among it."""
PRIVATE_WORDS = "10.…, 172.16–31.…, 192.168.…, 169.254.…, fc00::/7 and fe80::/10"

PLAIN = ("http", "ws")
"""The schemes that are not encrypted."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without brackets and port, means this machine.

    Of names it is `localhost` alone: `localhost.` and names below it are asked of the network by
    some systems.
    """
    if host.lower() == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_private(host: str) -> bool:
    """Whether an IP address is one of a private network. A name is none: it can lead anywhere."""
    address = _address(host)
    return address is not None and any(address in network for network in PRIVATE)


def is_address(host: str) -> bool:
    """Whether it is a whole IP address, and not a name."""
    return _address(host) is not None


def is_plain(url: str) -> bool:
    """Whether what goes to this address is not encrypted."""
    return urlsplit(url).scheme in PLAIN


def host_of(url: str) -> str:
    """The host of an address, with its port where that is named: what a sentence may say."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host + (f":{parts.port}" if parts.port else "")


def checked_address(url: str) -> str:
    """A plain address with its host as a number, which is this machine's or a private one.

    Waits for the system's resolver, so call it from a thread. Raises `SettingsError` for a name
    that leads anywhere else, or nowhere.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or is_private(host):
        return url
    try:
        found = socket.getaddrinfo(host, parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingsError(f"There is no host `{host}` in your network.") from None
    hosts = sorted((str(entry[4][0]) for entry in found), key=lambda host: ":" in host)
    strange = next((h for h in hosts if not is_loopback(h) and not is_private(h)), None)
    if strange is not None or not hosts:
        raise SettingsError(
            f"`{host}` leads to {strange}, which is no private address, so nothing is sent there "
            "unencrypted; `allow_insecure` is only for your own network."
        )
    number = f"[{hosts[0]}]" if ":" in hosts[0] else hosts[0]
    netloc = number + (f":{parts.port}" if parts.port else "")
    return parts._replace(netloc=netloc).geturl()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is; one of IPv4 in the clothes of IPv6 is the one of IPv4."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
