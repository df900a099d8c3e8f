"""What of this machine's surroundings decides how a model elsewhere is reached: proxies and
certificates. Reads the environment only, and shows nothing of it that could hold a password."""

import os
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from lsp_server.places import host_of

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def surroundings(
    proxies: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
) -> list[str]:
    """Sentences about the proxies and certificates in use. `proxies` are by scheme, as the
    standard library finds them in the environment or the system's settings."""
    found = urllib.request.getproxies() if proxies is None else proxies
    known = os.environ if environ is None else environ
    sentences = [
        f"{_meant(scheme)} goes by the proxy {_place(address)}."
        for scheme, address in sorted(found.items())
        if scheme in ("http", "https", "all", "ws", "wss") and address
    ]
    if sentences and found.get("no"):
        sentences.append(f"Not by it: {found['no']} (NO_PROXY).")
    for name in _CERTIFICATES:
        if value := known.get(name, "").strip():
            there = "" if Path(value).exists() else ", WHICH IS NOT THERE"
            sentences.append(f"Certificates are read from {value}{there} ({name}).")
    if not sentences:
        return ["No proxy is named, and the system's own certificates are trusted."]
    return [*sentences, "Servers on this machine are always asked directly: docs/proxies.md."]


def _meant(scheme: str) -> str:
    return "What has no proxy of its own" if scheme == "all" else f"What goes to {scheme}://"


def _place(address: str) -> str:
    """Scheme, host and port of a proxy. Its name and password are nobody's business."""
    full = address if "://" in address else f"http://{address}"
    try:
        scheme, place = full.split("://")[0], host_of(full)
    except ValueError:
        place = ""
    return f"{scheme}://{place}" if place else "whose address cannot be read"
