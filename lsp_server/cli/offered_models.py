"""Lists the models of a server elsewhere: it helps if an edit with a profile has failed.

Uses the gateway's own client, so the same proxies and certificates as an edit, with the profile's
API key. Only for `midstream doctor --try`.
"""

import asyncio
import contextlib

from lsp_server.backends.lenient_json import parse_object
from lsp_server.cli.http_question import HttpAnswer, entries_of
from lsp_server.errors import MidstreamError
from lsp_server.gateway.providers.api_clients import ApiClient
from lsp_server.gateway.upstream import Upstream
from lsp_server.lsp.models import address_of
from lsp_server.settings import Profile, Provider
from lsp_server.settings.values import near

LIST_S = 15.0
"""Seconds that a list of models may take."""
_MOST_NEAR = 3


async def offered(profile: Profile, key: str | None) -> tuple[str, ...]:
    """Whether the profile's model is among those of its server. Never raises. Empty if there is no
    list, or none in OpenAI's form."""
    if profile.provider is not None and not profile.provider.row.lists_models:
        return ()
    try:
        place = await asyncio.to_thread(address_of, profile)
        provider = profile.provider or Provider.OPENAI_CHAT
        client = ApiClient(Upstream(provider, _http(place), key, profile.insecure))
    except MidstreamError:
        return ()
    body = b""
    with contextlib.suppress(Exception):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{client.upstream.base_url}/models"
        body = await client.fetch("GET", url, LIST_S, headers=headers)
    await client.aclose()
    return _sentences(profile.model, body)


def _http(place: str) -> str:
    """The address of the HTTP API that belongs to a WebSocket's."""
    scheme, mark, rest = place.partition("://")
    plain = {"wss": "https", "ws": "http"}.get(scheme)
    return f"{plain}{mark}{rest.rstrip('/').removesuffix('/responses')}" if plain else place


def _sentences(model: str, body: bytes) -> tuple[str, ...]:
    entries = entries_of(HttpAnswer(200, parse_object(body)))
    if not entries:
        return ()
    names = sorted({str(entry["id"]).removeprefix("models/") for entry in entries})
    if model.removeprefix("models/") in names:
        return (f"{model} is one of the {len(names)} models it offers.",)
    close: list[str] = []
    while len(close) < _MOST_NEAR and (similar := near(model, names)) is not None:
        names.remove(similar)
        close.append(similar)
    more = f" Closest: {', '.join(close)}." if close else ""
    count = len(names) + len(close)
    return (f"{model} isn't one of the {count} models it offers.{more}",)
