"""Reports the proxies and certificates of this machine that decide how a model elsewhere is
reached, as `backends.way` uses them. Shows nothing that could contain a password."""

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
                    f"Connections to {scheme}:// use the proxy {proxy.place} ({proxy.source})."
                )
        if sentences and (around := getproxies().get("no")):
            sentences.append(f"Without the proxy: {around} (NO_PROXY).")
        trust()
    except RouteError as error:
        return [*sentences, str(error)]
    sentences += [
        f"Certificates come from {value} ({name})."
        for name in (CERT_FILE, CERT_DIR)
        if (value := os.environ.get(name))
    ]
    if not sentences:
        return ["No proxy is in use. The system's certificates are trusted."]
    return [*sentences, "Servers on this machine are reached without a proxy: docs/proxies.md."]
