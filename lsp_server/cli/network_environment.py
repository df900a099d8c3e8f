"""What of this machine's surroundings decides how a model elsewhere is reached: proxies and
certificates, as `backends.way` takes them. Shows nothing that could hold a password."""

import os
from urllib.request import getproxies

from lsp_server.backends.network_route import CERT_DIR, CERT_FILE, RouteError, proxy_of, trust

_ELSEWHERE = "model.invalid"
"""Stands for a host that NO_PROXY does not name."""


def surroundings() -> list[str]:
    """Sentences about the proxies and certificates in use, and what is wrong with them."""
    sentences: list[str] = []
    try:
        for scheme in ("https", "wss"):
            if (proxy := proxy_of(f"{scheme}://{_ELSEWHERE}")) is not None:
                sentences.append(
                    f"What goes to {scheme}:// goes by the proxy {proxy.place} ({proxy.source})."
                )
        if sentences and (around := getproxies().get("no")):
            sentences.append(f"Not by it: {around} (NO_PROXY).")
        trust()
    except RouteError as error:
        return [*sentences, str(error)]
    sentences += [
        f"Certificates are read from {value} ({name})."
        for name in (CERT_FILE, CERT_DIR)
        if (value := os.environ.get(name))
    ]
    if not sentences:
        return ["No proxy is in use, and the system's own certificates are trusted."]
    return [*sentences, "Servers on this machine are always asked directly: docs/proxies.md."]
