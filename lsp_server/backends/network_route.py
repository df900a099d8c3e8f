"""The route to a server beyond this machine: which proxy, and whose certificates to trust.

The same for WebSockets and HTTP, read from the environment (and, if it names no proxy, from the
system's settings on macOS and Windows). A proxy that is set but cannot be used is an error: nothing
goes around it. This machine, and anything that is not encrypted, is never reached through a proxy.
"""

import ipaddress
import os
import re
import ssl
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from lsp_server.addresses import host_of, is_loopback, is_plain
from lsp_server.errors import BackendError

CERT_FILE = "SSL_CERT_FILE"
CERT_DIR = "SSL_CERT_DIR"

_ORDER = {"wss": ("wss", "https", "all", "socks"), "https": ("https", "all", "socks")}
"""The settings for each scheme. The first that is set decides."""

_SOCKS = ("socks5", "socks5h")
_SCHEMES = ("http", "https", *_SOCKS)
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_SOCKS_PACKAGES = {"python_socks": "python-socks>=3.2", "socksio": "socksio>=1.0"}
_HASHED = re.compile(r"[0-9a-fA-F]{8}\.\d+")


class RouteError(BackendError):
    """The environment names a route that cannot be used. The sentence names the variable."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. `url` may hold a password and is left out of `repr`. `source` is the variable."""

    url: str = field(repr=False)
    source: str

    @property
    def place(self) -> str:
        """Scheme, host and port: the part of the URL that messages may show."""
        return f"{urlsplit(self.url).scheme}://{host_of(self.url)}"

    @property
    def encrypted(self) -> bool:
        """Whether the connection to the proxy itself uses TLS."""
        return urlsplit(self.url).scheme == "https"


def proxy_of(url: str) -> Proxy | None:
    """The proxy for an address. None if there is none. Raises `RouteError`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if is_loopback(host) or is_plain(url):
        return None
    port = parts.port or 443
    settings = getproxies()
    if _excepted(host, port, settings.get("no", "")) or proxy_bypass(f"{host}:{port}"):
        return None
    for name in _ORDER.get(parts.scheme, ()):
        if settings.get(name):
            return _proxy(settings[name], f"{name.upper()}_PROXY", name == "socks")
    return None


def _excepted(host: str, port: int, no_proxy: str) -> bool:
    """Whether NO_PROXY matches a host: by `*`, a name and all below it, an address, a network."""
    for entry in re.split(r"[,\s]+", no_proxy.lower()):
        if entry == "*":
            return True
        name, _, only = (
            entry.rpartition(":") if re.fullmatch(r"[^:]+:\d+", entry) else (entry, "", "")
        )
        name = name.removeprefix("*").removeprefix(".")
        if not name or (only and int(only) != port):
            continue
        if host == name or host.endswith(f".{name}") or _within(host, name):
            return True
    return False


def _within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network.strip("[]"), strict=False)
    except ValueError:
        return False


def _proxy(text: str, source: str, socks: bool) -> Proxy:
    """Read a setting. Its text is never repeated: it may hold a password."""
    address = text if "://" in text else f"{'socks5' if socks else 'http'}://{text}"
    try:
        parts = urlsplit(address)
        scheme = parts.scheme.lower()
        # GNOME writes `socks` for every version; only 5 is supported.
        scheme = "socks5" if scheme == "socks" or (socks and scheme == "http") else scheme
        port = parts.port or _PORTS.get(scheme, 0)
        for part in (parts.username, parts.password):
            unquote(part or "", errors="strict")
    except ValueError:
        raise RouteError(_unusable(source, "isn't the address of a proxy")) from None
    if scheme not in _SCHEMES:
        what = "names a kind of proxy that Midstream doesn't support"
        raise RouteError(_unusable(source, what))
    if not parts.hostname:
        raise RouteError(_unusable(source, "isn't the address of a proxy"))
    if scheme in _SOCKS:
        _need_socks(source)
        # The proxy resolves the host: a local look-up would reveal where the connection goes.
        scheme = "socks5h"
    user, at, _ = parts.netloc.rpartition("@")
    login = f"{user if ':' in user else user + ':'}{at}" if at else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Proxy(f"{scheme}://{login}{host}:{port}", source)


def _unusable(source: str, what: str) -> str:
    return (
        f"{source} {what}, and Midstream sends nothing around a proxy. It must look like "
        f"http://host:port or socks5://host:port. Correct {source} or unset it."
    )


def _need_socks(source: str) -> None:
    missing = [wanted for package, wanted in _SOCKS_PACKAGES.items() if find_spec(package) is None]
    if missing:
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        names = " ".join(f'"{name}"' for name in missing)
        raise RouteError(
            f"{source} names a SOCKS proxy, which needs another Python package. Install it: "
            f"{python} -m pip install {names}"
        )


def trust() -> ssl.SSLContext | None:
    """A context that trusts only the certificates that SSL_CERT_FILE and SSL_CERT_DIR name. None if
    neither is set: the system's certificates count. Raises `RouteError`."""
    file, folders = os.environ.get(CERT_FILE), os.environ.get(CERT_DIR)
    if not file and not folders:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if file:
        _load_file(context, Path(file))
    if folders:
        _load_folders(context, [Path(folder) for folder in folders.split(os.pathsep) if folder])
    return context


def _load_file(context: ssl.SSLContext, file: Path) -> None:
    try:
        context.load_verify_locations(cafile=file)
        return
    except FileNotFoundError:
        what = "doesn't exist"
    except ssl.SSLError:
        what = "holds no certificates in PEM form, or is broken"
    except (OSError, ValueError):
        what = "can't be read"
    if file.is_dir():
        what = f"is a folder; use {CERT_DIR} for it"
    raise RouteError(_no_trust(CERT_FILE, file, what))


def _load_folders(context: ssl.SSLContext, folders: list[Path]) -> None:
    """Load the folders. One usable folder is enough: systems name several that do not all exist."""
    faults = []
    for folder in folders:
        try:
            names = [path.name for path in folder.iterdir()]
        except FileNotFoundError:
            faults.append((folder, "doesn't exist"))
        except NotADirectoryError:
            faults.append((folder, f"isn't a folder; use {CERT_FILE} for a file"))
        except (OSError, ValueError):
            faults.append((folder, "can't be read"))
        else:
            if any(_HASHED.fullmatch(name) for name in names):
                context.load_verify_locations(capath=folder)
                return _load_rest(context, folders[folders.index(folder) + 1 :])
            what = "holds no certificate named by its hash (run `openssl rehash`)"
            faults.append((folder, what))
    folder, what = faults[0] if faults else (Path(os.environ.get(CERT_DIR, "")), "isn't a path")
    raise RouteError(_no_trust(CERT_DIR, folder, what))


def _load_rest(context: ssl.SSLContext, folders: list[Path]) -> None:
    for folder in folders:
        if folder.is_dir():
            context.load_verify_locations(capath=folder)


def _no_trust(variable: str, path: Path, what: str) -> str:
    return (
        f"{path}, which the environment variable {variable} names, {what}, so Midstream can't "
        f"check any server's certificate. Correct {variable} or unset it, and restart your "
        "editor."
    )
