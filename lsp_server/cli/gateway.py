"""`midstream gateway`: the gateway on its own, for a team or for other programs.

Its models are the profiles with a `provider` in the user's own settings. Reads nothing from a
workspace. Fetches the API keys once, at the start.
"""

import argparse
import sys
from pathlib import Path

from lsp_server.errors import SettingsError
from lsp_server.gateway.process import parse_listen, read_token, serve_forever
from lsp_server.gateway.providers import missing_package
from lsp_server.gateway.routing import Route, Routing
from lsp_server.gateway.upstream import Upstream
from lsp_server.keys import resolve_key
from lsp_server.lsp.models import address_of
from lsp_server.settings import Profile, Provider, load
from lsp_server.wording import TERMINAL


def run(chosen: argparse.Namespace) -> int:
    """Serve until Ctrl-C. Raises `SettingsError` for wrong arguments."""
    host, port = parse_listen(chosen.listen)
    token = read_token(Path(chosen.token_file)) if chosen.token_file else None
    routes = Routing(routes_of())
    return serve_forever(host, port, token=token, provider=lambda: routes)


def routes_of(user: Path | None = None) -> list[Route]:
    """One route for each usable profile. Reports on standard error why another is unusable.

    `user` replaces the user's settings file.
    """
    loaded = load(user=user)
    for problem in loaded.problems:
        print(TERMINAL.render(problem.sentence), file=sys.stderr)
    routes = []
    for sentence in dict.fromkeys(loaded.settings.unusable.values()):
        print(TERMINAL.render(f"Left out: {sentence}"), file=sys.stderr)
    for profile in loaded.settings.profiles.values():
        if profile.provider is None:
            why = "it has a url and needs no gateway."
            print(f"Left out: profile {profile.name}, because {why}", file=sys.stderr)
            continue
        try:
            routes.append(_route(profile))
        except SettingsError as error:
            sentence = TERMINAL.render(str(error))
            print(f"Left out: profile {profile.name}. {sentence}", file=sys.stderr)
    return routes


def _route(profile: Profile) -> Route:
    assert profile.provider is not None
    if profile.provider is Provider.PRACTICE:
        return Route(profile.name, profile.model, None)
    missing = missing_package(profile.provider.value)
    if missing is not None:
        raise SettingsError(missing)
    key = resolve_key(profile)
    upstream = Upstream(profile.provider.value, address_of(profile), key, profile.insecure)
    return Route(profile.name, profile.model, upstream)
