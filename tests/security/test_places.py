"""A place that cannot be used never becomes another one: nothing goes to anybody else."""

import socket
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.addresses import checked_address, is_loopback, is_private
from lsp_server.backends.base import Endpoint
from lsp_server.cli.gateway import routes_of
from lsp_server.errors import SettingsError
from lsp_server.gateway.upstream import Upstream, upstream_of
from lsp_server.lsp.models import address_of, place_of, stays_here, warning_of
from lsp_server.settings import Layer, Settings, Source, resolve
from tests.cli.program import midstream, settle, started
from tests.support.stage import Stage, staged

CODE = "def add(a, b):\n    return a + b  # the users own code\n"
KEY = "the-other-servers-key-0123"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's home, without any settings yet."""
    return tmp_path


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    """A server that has not been spoken to yet."""
    with staged(monkeypatch, tmp_path / "user" / "config.toml") as stage:
        yield stage


@dataclass(slots=True)
class Somebody:
    """A server that everything goes to that goes out: what it was asked, whatever it was."""

    port: int
    heard: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def somebody() -> Iterator[Somebody]:
    """It stands as a proxy in front of the whole world, and as a model that answers nothing."""

    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):  # Whatever the method.
                return self.hear
            raise AttributeError(name)

        def hear(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size).decode("utf-8", "replace")
            heard.heard.append(f"{self.requestline}\n{self.headers}\n{body}")
            self.send_error(503)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard = Somebody(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def proxied(heard: Somebody) -> list[tuple[str, str]]:
    """An environment in which all that leaves this machine goes to `heard`."""
    names = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
    return [(name, heard.url) for name in names] + [("OTHER_KEY", KEY), ("NO_PROXY", "")]


WRONG_PLACES = {
    "plain http in the network": 'base_url = "http://192.168.1.20:11434/v1"',
    "an address with a query": 'base_url = "https://me.example.com/openai?api-version=2025"',
    "no scheme": 'base_url = "gpu-box:8000/v1"',
    "nowhere": 'base_url = "http://0.0.0.0:8000/v1"',
    "the host of a container": 'base_url = "http://host.docker.internal:11434/v1"',
    "a name that is misspelt": 'baseurl = "http://127.0.0.1:1/v1"',
    "the name that others give it": 'api_base = "http://127.0.0.1:1/v1"',
    "in the manner of JSON": 'baseUrl = "http://127.0.0.1:1/v1"',
    "a number": "base_url = 8000",
    "nothing": 'base_url = ""',
    "a list": 'base_url = ["http://127.0.0.1:1/v1"]',
    "a table": 'base_url = { host = "127.0.0.1" }',
    "a name that nobody knows": 'endpoint = "http://127.0.0.1:1/v1"',
    "another scheme": 'base_url = "ftp://127.0.0.1/v1"',
    "no whole address": 'base_url = "http://127.999.0.1:1/v1"',
    "a permission alone": 'base_url = "http://8.8.8.8/v1"\nallow_insecure = true',
    "a permission that cannot be read": 'base_url = "http://10.0.0.1/v1"\nallow_insecure = "yes"',
    "a role that is none": 'base_url = "http://127.0.0.1:1/v1"\nrole = "quick"',
    "a limit that is none": 'max_output_tokens = "many"',
    "in the place of the model": 'model = "http://192.168.1.20:11434/v1"',
    "in the place of the model, without a scheme": 'model = "gpu-box:8000/v1"',
    "in the place of the class of service": 'service_tier = "https://corp.example/v1"',
    "a key in its place": 'base_url = "http://127.0.0.1:1/v1"\napi_key = "sk-0123456789abcdef"',
}


@pytest.mark.parametrize("provider", ["openai-chat", "openai-responses", "anthropic"])
@pytest.mark.parametrize("wrong", WRONG_PLACES.values(), ids=list(WRONG_PLACES))
def test_a_profile_with_a_fault_is_refused_with_its_key(wrong: str, provider: str) -> None:
    table = {"provider": provider, "model": "m", **tomllib.loads(wrong)}
    read = resolve([Source(Layer.USER_FILE, {"profile": "lan", "profiles": {"lan": table}})])
    settings = read.settings
    assert settings.current is None and "lan" not in settings.profiles
    assert len(read.problems) == 1
    named = {line.partition(" ")[0] for line in wrong.splitlines()}
    assert any(f"`profiles.lan.{key}`" in settings.unusable["lan"] for key in named)
    for name in (None, "lan"):
        with pytest.raises(SettingsError, match="The profile `lan` can't be used"):
            settings.in_use() if name is None else settings.profile_named(name)


@pytest.mark.parametrize("name", ["http://192.168.1.20:11434/v1", "gpu-box:8000/v1"])
def test_a_profile_that_is_called_by_an_address_is_not_its_makers(name: str) -> None:
    profiles = {name: {"provider": "openai-chat", "model": "m"}}
    settings = resolve([Source(Layer.USER_FILE, {"profile": name, "profiles": profiles})]).settings
    with pytest.raises(SettingsError, match="has an address as its name"):
        settings.in_use()


@pytest.mark.parametrize(
    "model",
    [
        *("qwen3-coder:30b", "gemma:7", "anthropic.claude-v2:1", "hf.co/a/b-GGUF:Q4_K_M"),
        *("arn:aws:bedrock:us-east-1:123456789012:inference-profile/x", "ft:gpt-4o:org::id"),
        *("accounts/a/models/b", "deepseek/deepseek-chat-v3.1:free", "v1.5/v2"),
    ],
)
def test_a_models_name_is_no_address(model: str) -> None:
    table = {"provider": "openai-chat", "model": model}
    assert "m" in resolve([Source(Layer.USER_FILE, {"profiles": {"m": table}})]).settings.profiles


MAKER: dict[str, object] = {"provider": "openai-chat", "model": "m", "api_key_env": "K"}
HERE = "http://127.0.0.1:1/v1"

LOST_PLACES: dict[str, dict[str, object]] = {
    **{
        f"at the top: {key}": {key: HERE}
        for key in (
            *("base_url", "baseUrl", "api_base", "url", "endpoint", "openai_api_base"),
            *("BASE-URL", "bas_url", "host", "server_address", "anything"),
        )
    },
    "a machine and its port": {"where": "gpu-box:8000/v1"},
    "numbers alone": {"ollama": "192.168.1.20"},
    "a host and the path of an API": {"ollama": "gpu.example/v1"},
    "no address, but the name": {"base_url": 8000},
    "the source of a key": {"api_key_env": "K2"},
    "a table called like the profile": {"x": {"base_url": HERE}},
    "a table called like the provider": {"openai-chat": {"base_url": HERE}},
    "a table of its own": {"endpoint": {"url": HERE}},
    "a list of tables": {"models": [{"name": "x", "base_url": HERE}]},
    "deep": {"tool": {"midstream": {"x": {"api_base": "corp"}}}},
    "among the prompts": {"prompts": {"base_url": HERE}},
    "a prompt that is an address": {"prompts": {"A": HERE}},
    "a table among the prompts": {"prompts": {"x": {"base_url": HERE}}},
    "the place of all prompts": {"prompts": HERE},
}
LOST_PROFILES: dict[str, dict[str, object]] = {
    "beside the profiles": {"base_url": HERE},
    "of a name in capitals": {"X": {"base_url": HERE}},
    "of a name with a blank": {"x ": {"base_url": HERE}},
    "another name": {"other": {"base_url": HERE}},
    "another name, misspelt": {"other": {"endpoint": HERE}},
    "of a profile within one": {"other": {**MAKER, "x": {"base_url": HERE}}},
    "a key's source alone": {"other": {"api_key_env": "K2"}},
    "of the practice model": {"practice": {"base_url": HERE}},
    "two of nearly one name": {"X": {"url": "wss://a.example/v1", "model": "m"}},
}


@pytest.mark.parametrize("layer", [Layer.USER_FILE, Layer.INITIALIZATION])
@pytest.mark.parametrize("lost", [*LOST_PLACES, *LOST_PROFILES])
def test_a_place_that_is_no_profiles_takes_every_makers_away(lost: str, layer: Layer) -> None:
    mine = {"x": MAKER, "own": {**MAKER, "base_url": HERE}, "p": {"provider": "practice"}}
    user = Source(Layer.USER_FILE, {"profile": "x", "profiles": mine})
    assert resolve([user]).settings.current is not None
    wrong: dict[str, Any] = LOST_PLACES.get(lost) or {"profiles": LOST_PROFILES[lost]}
    if layer is Layer.INITIALIZATION:
        camel = {"base_url": "baseUrl", "api_key_env": "apiKeyEnv"}
        spelt = wrong.get("profiles", {})
        wrong = (
            {**wrong}
            if not spelt
            else {"profiles": {k: _renamed(v, camel) for k, v in spelt.items()}}
        )
        loaded = resolve([user, Source(layer, wrong)])
    else:
        profiles = {**mine, **wrong.get("profiles", {})}
        loaded = resolve([Source(layer, {"profile": "x", **wrong, "profiles": profiles})])
    settings = loaded.settings
    with pytest.raises(SettingsError, match=r"The profile `x` can't be used: .*`"):
        settings.in_use()
    assert {"own", "p"} <= settings.profiles.keys()
    sentence = settings.unusable["x"].partition(": ")[2]
    assert sentence in [problem.sentence for problem in loaded.problems]


def _renamed(value: object, names: dict[str, str]) -> object:
    if not isinstance(value, dict):
        return value
    return {names.get(key, key): item for key, item in value.items()}


@pytest.mark.parametrize("layer", [Layer.WORKSPACE_FILE, Layer.CONFIGURATION])
@pytest.mark.parametrize("lost", LOST_PLACES)
def test_a_workspace_takes_no_makers_place_away(lost: str, layer: Layer) -> None:
    mine = Source(Layer.USER_FILE, {"profile": "x", "profiles": {"x": MAKER}})
    assert resolve([mine, Source(layer, LOST_PLACES[lost])]).settings.in_use().name == "x"


@pytest.mark.parametrize(
    "harmless",
    [
        {"prompts": {"Url": "Make each URL one with https.", "Server": "Add a server."}},
        {"prompts": {"Hosts": "Sort the hosts, see https://a.example/x for how."}},
        {"profiles": {"server": {"url": "wss://a.example/v1", "model": "m"}}},
        {"profiles": {"private": {"url": "wss://a.example/v1", "model": "m"}}},
        {"colour": "red", "files": ["a"], "serverCommand": "midstream", "notes": "a: 1, b: 2"},
    ],
)
def test_ordinary_words_are_no_places(harmless: dict[str, Any]) -> None:
    profiles = {"x": MAKER, **harmless.get("profiles", {})}
    source = Source(Layer.USER_FILE, {"profile": "x", **harmless, "profiles": profiles})
    settings = resolve([source]).settings
    assert settings.in_use().name == "x" and settings.ignore_fault is None


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ({**MAKER, "base_url": "https://corp.example/v1"}, {"provider": "openai-responses"}),
        ({"url": "wss://corp.example/v1", "model": "m"}, {"provider": "anthropic"}),
        ({**MAKER, "base_url": HERE}, {"provider": "anthropic", "apiKeyEnv": "K", "baseUrl": None}),
    ],
)
def test_another_provider_does_not_lead_from_the_users_place_to_a_maker(
    first: dict[str, object], later: dict[str, object]
) -> None:
    mine = Source(Layer.USER_FILE, {"profile": "x", "profiles": {"x": first}})
    loaded = resolve([mine, Source(Layer.INITIALIZATION, {"profiles": {"x": later}})])
    with pytest.raises(SettingsError, match=r"`profiles\.x\.provider` in initializationOptions"):
        loaded.settings.in_use()
    assert len(loaded.problems) == 1
    for good in ({"provider": "practice"}, {**later, "baseUrl": "https://corp.example/v2"}):
        found = resolve([mine, Source(Layer.INITIALIZATION, {"profiles": {"x": good}})])
        settled = found.settings.unusable.get("x", "")
        assert "another provider" not in settled


ATTACKS = ("plain http in the network", "the name that others give it", "a number")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_edit_of_the_command_line_sends_nothing_anywhere(home: Path, attack: str) -> None:
    settle(
        home,
        'profile = "lan"\n[profiles.lan]\nprovider = "openai-chat"\nmodel = "m"\n'
        f'api_key_env = "OTHER_KEY"\n{WRONG_PLACES[attack]}\n',
    )
    file = home / "a.py"
    file.write_text(CODE)
    with somebody() as heard:
        for words in (
            ("edit", file, "--lines", "1-2", "-m", "x", "--yes"),
            ("prompt", file, "--lines", "1-2", "-m", "x"),
            ("edit", file, "--lines", "1-2", "-m", "x", "--yes", "--profile", "lan"),
            ("doctor", "--try"),
        ):
            process = started(home, *words, extra=proxied(heard))
            out, err = process.communicate(timeout=60)
            assert process.returncode == 2, (words, out, err)
            assert "The profile `lan` can't be used" in out + err
            assert KEY not in out + err
        assert heard.heard == []
    assert file.read_text() == CODE


def test_the_way_of_this_proof_hears_what_goes_to_the_default_place(home: Path) -> None:
    """Without it the test above would show nothing."""
    settle(
        home,
        'profile = "o"\n[profiles.o]\nprovider = "openai-chat"\nmodel = "m"\n'
        'api_key_env = "OTHER_KEY"\n',
    )
    (home / "a.py").write_text(CODE)
    with somebody() as heard:
        words = ("edit", home / "a.py", "--lines", "1-2", "-m", "x", "--yes")
        started(home, *words, extra=proxied(heard)).communicate(timeout=60)
        assert any("CONNECT api.openai.com:443" in request for request in heard.heard)


def test_variables_of_the_makers_do_not_decide_a_place(home: Path) -> None:
    with somebody() as place, somebody() as strange:
        settle(
            home,
            'profile = "o"\n[profiles.o]\nprovider = "openai-chat"\nmodel = "m"\n'
            f'base_url = "{place.url}/v1"\n'
            '[profiles.d]\nprovider = "openai-chat"\nmodel = "m"\n'
            '[profiles.a]\nprovider = "anthropic"\nmodel = "m"\n',
        )
        (home / "a.py").write_text(CODE)
        makers = [
            (f"{maker}_{name}", value)
            for maker in ("OPENAI", "ANTHROPIC")
            for name, value in (
                ("BASE_URL", f"{strange.url}/v1"),
                ("API_BASE", strange.url),
                ("API_KEY", KEY),
            )
        ]
        for profile in ("o", "d", "a"):
            words = ("edit", home / "a.py", "--lines", "1-2", "-m", "x", "--yes")
            process = started(home, *words, "--profile", profile, extra=[*makers, *proxied(place)])
            process.communicate(timeout=60)
        assert strange.heard == []
        assert any("POST /v1/chat/completions" in request for request in place.heard)
        assert not any(KEY in request for request in place.heard)


# -- what the user has chosen ----------------------------------------------------------------------

GOOD = {"url": "wss://models.example/v1", "model": "m"}


@pytest.mark.parametrize(
    ("layers", "needle"),
    [
        ([(Layer.USER_FILE, {"profile": "fats"})], "names `fats`, which doesn't exist"),
        ([(Layer.USER_FILE, {"profile": 3})], "`profile` in config.toml must be a"),
        ([(Layer.USER_FILE, {"profile": {"fast": GOOD}})], "`profile` in config.toml must be"),
        ([(Layer.USER_FILE, {"profil": "good"})], "`profil` in config.toml isn't a setting"),
        ([(Layer.INITIALIZATION, {"profile": "lan"})], "names `lan`, which doesn't exist"),
        ([(Layer.INITIALIZATION, {"profile": ["good"]})], "`profile` in initializationOptions"),
        ([(Layer.INITIALIZATION, 7)], "initializationOptions must be a table"),
        ([(Layer.INITIALIZATION, {"profiles": {"good": {"modle": "n"}}})], "`good` can't be used"),
        ([(Layer.INITIALIZATION, {"profiles": 5})], "`profiles` in initializationOptions must be"),
        ([(Layer.INITIALIZATION, {"profiles": {"good": 5}})], "must be a table of settings"),
    ],
)
def test_a_choice_that_cannot_be_followed_is_no_other_choice(
    layers: list[tuple[Layer, object]], needle: str
) -> None:
    mine: dict[str, object] = {"profile": "good", "profiles": {"good": GOOD}}
    sources = [Source(Layer.USER_FILE, mine)]
    for layer, values in layers:
        if layer is Layer.USER_FILE and isinstance(values, dict):
            left = {k: v for k, v in mine.items() if k != "profile"}
            sources = [Source(layer, {**left, **values})]
        else:
            sources.append(Source(layer, values))
    settings = resolve(sources).settings
    assert settings.current is None
    with pytest.raises(SettingsError) as caught:
        settings.in_use()
    assert needle in str(caught.value)


@pytest.mark.parametrize("layer", [Layer.WORKSPACE_FILE, Layer.CONFIGURATION])
@pytest.mark.parametrize(
    "values",
    [
        {"profile": 3},
        {"profile": "nobody"},
        {"profil": "x"},
        {"profiles": 7},
        {"profiles": {"good": 5, "new": {"nonsense": 1}}},
        {"profiles": {"good": {"url": 8, "baseurl": "x", "base_url": "http://10.0.0.1"}}},
        {"profiles": {"good": {"allow_insecure": True, "allowInsecure": True}}},
    ],
)
def test_a_workspace_cannot_make_the_users_profiles_unusable(
    layer: Layer, values: dict[str, object]
) -> None:
    mine = Source(Layer.USER_FILE, {"profile": "good", "profiles": {"good": GOOD}})
    loaded = resolve([mine, Source(layer, values)])
    settings = loaded.settings
    assert settings.in_use() == resolve([mine]).settings.in_use()
    assert not settings.unusable and settings.requested_profile is None
    assert settings.ignore_fault is None
    assert loaded.problems


@pytest.mark.parametrize("bad", [{**GOOD, "role": "deep", "modle": "x"}, {**GOOD, "role": "deap"}])
def test_a_role_is_not_handed_to_the_next_profile(bad: dict[str, object]) -> None:
    profiles = {"mine": bad, "theirs": {**GOOD, "role": "deep"}}
    settings = resolve([Source(Layer.USER_FILE, {"profiles": profiles})]).settings
    with pytest.raises(SettingsError, match="The profile `mine` can't be used"):
        settings.profile_named("deep")
    assert settings.profile_named("theirs") is not None


# -- plain addresses -------------------------------------------------------------------------------


def lan(address: str, **more: object) -> Settings:
    table = {"provider": "openai-chat", "model": "m", "base_url": address, **more}
    return resolve([Source(Layer.USER_FILE, {"profiles": {"lan": table}})]).settings


PRIVATE = ("192.168.1.20", "10.1.2.3", "172.16.0.1", "172.31.255.1", "169.254.3.4")
PRIVATE_6 = ("[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[::ffff:192.168.1.20]")


@pytest.mark.parametrize("host", [*PRIVATE, *PRIVATE_6, "gpu-box", "host.docker.internal"])
def test_the_users_own_network_needs_a_permission(host: str) -> None:
    sentence = lan(f"http://{host}:8000/v1").unusable["lan"]
    for words in ("`profiles.lan.base_url`", "allow_insecure = true", "ssh -L", "TLS", "https://"):
        assert words in sentence
    profile = lan(f"http://{host}:8000/v1", allow_insecure=True).profiles["lan"]
    assert profile.insecure and not stays_here(profile)
    assert f"{host}:8000" in place_of(profile)
    assert "isn't encrypted" in (warning_of(profile) or "")


@pytest.mark.parametrize(
    "host",
    [
        *("8.8.8.8", "0.0.0.0", "[::]", "172.32.0.1", "192.0.2.1", "100.64.0.1", "[2001:db8::1]"),
        *("255.255.255.255", "198.18.0.1", "[::ffff:8.8.8.8]", "11.0.0.1"),
    ],
)
def test_what_is_not_private_is_refused_with_the_permission_too(host: str) -> None:
    sentence = lan(f"http://{host}/v1", allow_insecure=True).unusable["lan"]
    assert "`profiles.lan.base_url`" in sentence and "TLS" in sentence
    if "0.0.0.0" in host:
        assert "127.0.0.1" in sentence


def test_the_permission_goes_with_the_place_that_it_was_given_for() -> None:
    table = {"provider": "openai-chat", "model": "m", "base_url": "http://10.0.0.1/v1"}
    mine = Source(Layer.USER_FILE, {"profiles": {"lan": {**table, "allow_insecure": True}}})
    other = {"provider": "openai-chat", "baseUrl": "http://10.0.0.2/v1"}
    settings = resolve([mine, Source(Layer.INITIALIZATION, {"profiles": {"lan": other}})]).settings
    assert "allow_insecure = true" in settings.unusable["lan"]


def test_a_name_is_connected_to_where_it_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []

    def resolver(host: str, port: int, **more: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    profile = lan("http://gpu-box:8000/v1", allow_insecure=True).profiles["lan"]
    found[:] = ["192.168.1.7"]
    assert address_of(profile) == "http://192.168.1.7:8000/v1"
    found[:] = ["127.0.0.1"]
    assert address_of(profile) == "http://127.0.0.1:8000/v1"
    for strange in (["93.184.216.34"], ["192.168.1.7", "93.184.216.34"], ["0.0.0.0"], []):
        found[:] = strange
        with pytest.raises(SettingsError):
            address_of(profile)


def test_a_host_that_is_nowhere_is_a_sentence() -> None:
    with pytest.raises(SettingsError, match="has no host"):
        checked_address("http://nobody-here.invalid/v1")


def test_the_wire_and_the_gateway_take_numbers_only() -> None:
    for host in ("192.168.1.20", "[fd12::1]"):
        assert Endpoint(f"ws://{host}:1/v1", allow_insecure=True).direct
        upstream = Upstream("openai-chat", f"http://{host}:1/v1", None, True)
        assert upstream.direct and upstream_of(upstream.headers()) == upstream
        with pytest.raises(SettingsError):
            Endpoint(f"ws://{host}:1/v1")
        with pytest.raises(SettingsError):
            Upstream("openai-chat", f"http://{host}:1/v1")
    for host in ("gpu-box", "8.8.8.8", "0.0.0.0", "127.999.0.1"):
        with pytest.raises(SettingsError):
            Endpoint(f"ws://{host}:1/v1", allow_insecure=True)
        with pytest.raises(SettingsError):
            Upstream("openai-chat", f"http://{host}:1/v1", None, True)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *((host, True) for host in ("localhost", "LocalHost", "127.0.0.1", "127.255.3.4", "::1")),
        ("::ffff:127.0.0.1", True),
        *((host, False) for host in ("localhost.", "a.localhost", "127.999.0.1", "127.0.0.01")),
        *((host, False) for host in ("127.1", "2130706433", "0x7f.0.0.1", "0.0.0.0", "::")),
        *((host, False) for host in ("127.0.0.1.evil.example", "::ffff:8.8.8.8", "")),
    ],
)
def test_what_is_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here
    shown = f"[{host}]" if ":" in host else host
    usable = "lan" in lan(f"http://{shown}:1/v1").profiles
    assert usable is here, "The settings and the wire are of one mind."


@given(st.ip_addresses())
def test_no_address_is_private_by_chance(address: Any) -> None:
    """What we take for private is never what the whole world can reach."""
    if is_private(str(address)):
        assert not address.is_global or getattr(address, "ipv4_mapped", None)


# -- where it is told ------------------------------------------------------------------------------


def test_the_doctor_names_the_place_of_every_profile(home: Path) -> None:
    settle(
        home,
        '[profiles.o]\nprovider = "openai-chat"\nmodel = "m"\n'
        '[profiles.c]\nprovider = "anthropic"\nmodel = "m"\n'
        '[profiles.g]\nprovider = "openai-chat"\nmodel = "m"\nbase_url = "https://g.example:9/v1"\n'
        '[profiles.l]\nprovider = "openai-chat"\nmodel = "m"\nbase_url = "http://10.0.0.1:8000/v1"\n'
        "allow_insecure = true\n"
        '[profiles.w]\nurl = "wss://w.example/v1"\nmodel = "m"\n'
        '[profiles.x]\nprovider = "openai-chat"\nmodel = "m"\nbase_url = "http://10.0.0.1/v1"\n',
    )
    done = midstream(home, "doctor")
    assert done.returncode == 2
    for words in (
        "api.openai.com: OpenAI's own address, because the profile sets no other",
        "api.anthropic.com: Anthropic's own address, because the profile sets no other",
        "at g.example:9",
        "at 10.0.0.1:8000",
        "Others in your network can read what is sent to 10.0.0.1:8000",
        "at wss://w.example/v1",
        "`x`: The profile `x` can't be used: `profiles.x.base_url`",
    ):
        assert words in done.stdout, words


def test_the_gateway_says_why_it_is_without_a_profile(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = home / "config.toml"
    config.write_text('[profiles.x]\nprovider = "openai-chat"\nmodel = "m"\napi_base = "x"\n')
    assert {route.name for route in routes_of(config)} == {"practice"}
    assert "The profile `x` can't be used: `profiles.x.api_base`" in capsys.readouterr().err


URI = "file:///project/a.py"


def test_the_server_refuses_and_says_it_in_the_status(stage: Stage) -> None:
    bad = {"provider": "openai-chat", "model": "m", "baseURL": "http://10.0.0.1/v1"}
    allowed = {"url": "ws://10.255.255.1:1/v1", "model": "m", "allowInsecure": True}
    options = {"profile": "bad", "profiles": {"bad": bad, "lan": allowed}}
    stage.begin(initializationOptions=options)
    stage.client.open(URI, CODE, "python")
    argument = {"uri": URI, "range": stage.client.range_of(URI, "def add"), "instruction": "x"}
    for more in ({}, {"profile": "bad"}):
        refused = stage.refused("midstream.edit", {**argument, **more})
        assert refused.code == -32803
        assert "`profiles.bad.baseURL` in initializationOptions isn't a setting" in refused.message
    status = stage.client.command("midstream.status", {})
    rows = {row["name"]: row for row in status["profiles"]}
    assert status["profile"] == "bad" and "can't be used" in status["sentence"]
    assert rows["bad"]["usable"] is False and "baseURL" in rows["bad"]["sentence"]
    assert rows["lan"]["insecure"] is True and "isn't encrypted" in rows["lan"]["sentence"]
    assert rows["lan"]["place"] == "10.255.255.1:1" and rows["lan"]["local"] is False
    session = stage.edit(URI, "def add", profile="scripted")
    stage.asked()
    redirect = {"session": session, "instruction": "y", "profile": "bad"}
    assert stage.refused("midstream.redirect", redirect).code == -32803


def test_plain_http_in_the_own_network_goes_by_no_proxy(home: Path) -> None:
    """The permission is for the network, and no proxy is asked to carry what all can read."""
    own = next((one for one in _own_addresses() if is_private(one)), None)
    if own is None:
        return  # This machine is in no network.
    with somebody() as proxy:
        server = ThreadingHTTPServer((own, 0), BaseHTTPRequestHandler)
        port = server.server_address[1]
        server.server_close()
        settle(
            home,
            'profile = "l"\n[profiles.l]\nprovider = "openai-chat"\nmodel = "m"\n'
            f'base_url = "http://{own}:{port}/v1"\nallow_insecure = true\n',
        )
        (home / "a.py").write_text(CODE)
        words = ("edit", home / "a.py", "--lines", "1-2", "-m", "x", "--yes")
        started(home, *words, extra=proxied(proxy)).communicate(timeout=60)
        assert proxy.heard == []


def _own_addresses() -> list[str]:
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None)]
    except OSError:
        return []
