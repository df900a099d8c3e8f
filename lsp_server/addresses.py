"""Classifies an address: on this machine, in a private network, or on the internet.

Only a complete IP address can be classified. A name can lead anywhere; `checked_address` resolves
it, and the connection then uses the address that was checked.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from lsp_server.errors import SettingsError
from lsp_server.wording import setting

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
private includes much more, such as `0.0.0.0` and documentation addresses."""
PRIVATE_WORDS = "10.…, 172.16–31.…, 192.168.…, 169.254.…, fc00::/7 and fe80::/10"

PLAIN = ("http", "ws")
"""The unencrypted schemes."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without brackets and port, means this machine.

    The only such name is `localhost`: some systems look up `localhost.` and names below it on the
    network.
    """
    if host.lower() == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_private(host: str) -> bool:
    """Whether an IP address is in a private network. False for names, which can lead anywhere."""
    address = _address(host)
    return address is not None and any(address in network for network in PRIVATE)


def is_address(host: str) -> bool:
    """Whether this is a complete IP address and not a name."""
    return _address(host) is not None


def is_plain(url: str) -> bool:
    """Whether traffic to this address is unencrypted."""
    return urlsplit(url).scheme in PLAIN


def host_of(url: str) -> str:
    """The host of an address, with its port if it names one. Safe to show in a message."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host + (f":{parts.port}" if parts.port else "")


def checked_address(url: str) -> str:
    """An unencrypted address with its host as a number, which is on this machine or private.

    Blocks on the system's resolver, so call it from a thread. Raises `SettingsError` for a name
    that leads anywhere else, or nowhere.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or is_private(host):
        return url
    try:
        found = socket.getaddrinfo(host, parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingsError(f"Your network has no host `{host}`.") from None
    hosts = sorted((str(entry[4][0]) for entry in found), key=lambda host: ":" in host)
    strange = next((h for h in hosts if not is_loopback(h) and not is_private(h)), None)
    if strange is not None or not hosts:
        raise SettingsError(
            f"`{host}` leads to {strange}, which isn't a private address, so nothing is sent there "
            f"unencrypted. {setting('allow_insecure')} is only for your own network."
        )
    number = f"[{hosts[0]}]" if ":" in hosts[0] else hosts[0]
    netloc = number + (f":{parts.port}" if parts.port else "")
    return parts._replace(netloc=netloc).geturl()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address of a host. An IPv4 address mapped to IPv6 is returned as IPv4."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
