"""Settings from values: who may set what, what overrides what, and the message for each fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.choices import Leave, Publish
from lsp_server.errors import ContractError, SettingsError
from lsp_server.settings import (
    DEFAULT_PROMPTS,
    Imports,
    Layer,
    Loaded,
    Profile,
    Provider,
    Role,
    Settings,
    Source,
    resolve,
)
from lsp_server.settings.schema import COMPOSITE_KEYS, KEYS, PROFILE_KEYS

FAST = {"url": "wss://models.example/v1/responses", "model": "swift-1"}
LOCAL = {"url": "ws://127.0.0.1:9000/v1/responses", "model": "local"}


def user(**values: object) -> Source:
    return Source(Layer.USER_FILE, values)


def workspace(**values: object) -> Source:
    return Source(Layer.WORKSPACE_FILE, values)


def options(**values: object) -> Source:
    return Source(Layer.INITIALIZATION, values)


def configuration(**values: object) -> Source:
    return Source(Layer.CONFIGURATION, values)


def only_sentence(loaded: Loaded) -> str:
    (problem,) = loaded.problems
    return problem.sentence


def test_nothing_gives_the_defaults() -> None:
    loaded = resolve([])
    assert loaded.problems == ()
    assert loaded.settings == Settings()
    assert loaded.settings.current == Profile(
        "practice", model="practice", provider=Provider.PRACTICE
    )
    assert loaded.settings.publish is Publish.SYNTAX
    assert loaded.settings.max_edits_per_second == 25
    assert loaded.settings.patch_from_lines == 250
    assert loaded.settings.cancel_leaves is Leave.VALID
    assert loaded.settings.redact_secrets is True
    assert loaded.settings.prompts == DEFAULT_PROMPTS


def test_a_later_layer_wins_whatever_the_order_of_the_list() -> None:
    layers = [
        configuration(publish="token"),
        user(publish="line", patch_from_lines=10, cancel_leaves="raw"),
        options(patchFromLines=30),
        workspace(publish="syntax", patch_from_lines=20),
    ]
    for order in (layers, layers[::-1]):
        loaded = resolve(order)
        assert loaded.problems == ()
        assert loaded.settings.publish is Publish.TOKEN
        assert loaded.settings.patch_from_lines == 30
        assert loaded.settings.cancel_leaves is Leave.RAW


def test_a_whole_profile() -> None:
    table = {
        "provider": "anthropic",
        "baseUrl": "https://models.example",
        "model": "thinker",
        "reasoningEffort": "high",
        "serviceTier": "priority",
        "maxOutputTokens": 4000,
        "contextTokens": 100_000.0,
        "idleTimeout": 12.5,
        "role": "deep",
        "apiKeyEnv": "THINKER_API_KEY",
    }
    loaded = resolve([options(profile="think", profiles={"think": table})])
    assert loaded.problems == ()
    assert loaded.settings.current == Profile(
        name="think",
        model="thinker",
        provider=Provider.ANTHROPIC,
        base_url="https://models.example",
        reasoning_effort="high",
        service_tier="priority",
        max_output_tokens=4000,
        context_tokens=100_000,
        idle_timeout=12.5,
        role=Role.DEEP,
        api_key_env="THINKER_API_KEY",
    )
    assert loaded.settings.in_use().idle_timeout_ms == 12500
    assert set(loaded.settings.profiles) == {"practice", "think"}


@pytest.mark.parametrize(
    ("source", "needle"),
    [
        (user(publsh="line"), "`publsh` in config.toml isn't a setting; did you mean `publish`?"),
        (user(zzz=1), "`zzz` in config.toml isn't a setting."),
        (
            options(patch_from_lines=3),
            "`patch_from_lines` in initializationOptions isn't a setting; "
            "did you mean `patchFromLines`?",
        ),
        (user(patchFromLines=3), "did you mean `patch_from_lines`?"),
        (
            user(publish="sintax"),
            "`publish` in config.toml must be one of syntax, line, token (did you mean `syntax`?)",
        ),
        (user(publish=["line"]), "`publish` in config.toml must be one of syntax, line, token;"),
        (user(max_edits_per_second=0), "must be a number from 0.1 to 1000"),
        (user(max_edits_per_second=True), "must be a number from 0.1 to 1000"),
        (user(max_edits_per_second=float("nan")), "must be a number from 0.1 to 1000"),
        (user(max_edits_per_second=10**400), "must be a number from 0.1 to 1000"),
        (user(max_edits_per_second=float("-inf")), "must be a number from 0.1 to 1000"),
        (user(patch_from_lines=float("inf")), "must be an integer"),
        (user(patch_from_lines="many"), "`patch_from_lines` in config.toml must be an integer"),
        (user(patch_from_lines=10**400), "must be an integer"),
        (user(redact_secrets="no"), "must be true or false"),
        (user(prompts={"a": 3}), "`prompts` in config.toml must be a table of names"),
        (user(prompts=[1]), "`prompts` in config.toml must be a table of names"),
        (
            Source(Layer.USER_FILE, {"x": 1}, "/project/me/config.toml"),
            "in /project/me/config.toml is",
        ),
    ],
)
def test_what_is_wrong_is_named_and_the_default_stays(source: Source, needle: str) -> None:
    loaded = resolve([source])
    assert needle in only_sentence(loaded)
    assert loaded.settings == Settings()


@pytest.mark.parametrize(
    ("table", "needle"),
    [
        ({"model": "m"}, "has neither `url` nor `provider`"),
        ({"url": "wss://a.example"}, "has no `model`"),
        ({**FAST, "provider": "anthropic"}, "has both `url` and `provider`"),
        ({**FAST, "base_url": "https://a.example"}, "has a base address"),
        ({**FAST, "api_key_env": "A", "api_keyring": "b"}, "has more than one source"),
    ],
)
def test_a_profile_that_makes_no_sense_cannot_be_used(
    table: dict[str, object], needle: str
) -> None:
    loaded = resolve([user(profiles={"p": table})])
    assert only_sentence(loaded).startswith(f"The profile `p` {needle}")
    assert set(loaded.settings.profiles) == {"practice"}
    assert needle in loaded.settings.unusable["p"]


@pytest.mark.parametrize(
    ("name", "value", "needle"),
    [
        ("url", "ws://models.example/v1", "`wss://…`"),
        ("url", "ws://127.0.0.1.evil.example/v1", "`wss://…`"),
        ("url", "ws://127.999.0.1/v1", "`wss://…`"),
        ("url", "https://models.example/v1", "`wss://…`"),
        ("base_url", "https://models.example/v1?api-version=1", "without `?` and `#`"),
        ("base_url", "https://models.example/v1#a", "without `?` and `#`"),
        ("url", "wss://models.example/v1#a", "without `#`"),
        ("url", "wss://", "`wss://…`"),
        ("url", "wss://a.example:99999/", "`wss://…`"),
        ("url", "wss://a.example/\nx", "`wss://…`"),
        ("url", "wss://[::1/", "`wss://…`"),
        ("base_url", "http://models.example", "`https://…`"),
        ("provider", "antropic", "did you mean `anthropic`?"),
        ("idle_timeout", 0, "must be a number from 1 to 3600"),
        ("role", "slow", "must be one of fast, deep"),
        ("api_key_env", "NOT A NAME", "must be the name of an environment variable"),
        ("api_key_command", [], "must be a command"),
        ("api_key_command", "pass 'open", "must be a command whose quotes are closed"),
        ("api_key_command", ["pass", 3], "must be a command"),
        ("api_keyring", "/user", "must be `service` or `service/user`"),
    ],
)
def test_a_wrong_value_in_a_profile(name: str, value: object, needle: str) -> None:
    base = {"model": "m", **({"provider": "anthropic"} if name == "base_url" else FAST)}
    loaded = resolve([user(profiles={"p": {**base, name: value}})])
    sentence = only_sentence(loaded)
    assert sentence.startswith(f"`profiles.p.{name}` in config.toml must be")
    assert needle in sentence
    assert "p" not in loaded.settings.profiles
    assert f"`profiles.p.{name}` in config.toml must be" in loaded.settings.unusable["p"]
    with pytest.raises(SettingsError, match="can't be used"):
        loaded.settings.profile_named("p")


@pytest.mark.parametrize(
    "url",
    ["ws://localhost:1/v1", "ws://127.0.0.1/v1", "ws://[::1]:80/v1", "wss://a.example/v1?x=1"],
)
def test_addresses_that_are_right(url: str) -> None:
    loaded = resolve([user(profiles={"p": {"url": url, "model": "m"}})])
    assert loaded.problems == ()
    assert loaded.settings.profiles["p"].url == url


def test_what_follows_from_one_mistake_is_not_reported_twice() -> None:
    table = {"url": "http://models.example", "model": "m"}
    for more in ({}, {"profile": "p"}):
        loaded = resolve([user(profiles={"p": table}, **more)])
        assert "`profiles.p.url` in config.toml must be an address" in only_sentence(loaded)


SECRET = "sk-proj-abcDEF0123456789abcdef"


@pytest.mark.parametrize("layer", list(Layer))
@pytest.mark.parametrize(
    "table",
    [
        {"apiKey": SECRET},
        {"api_key": SECRET},
        {"token": SECRET},
        {SECRET: "x"},
        {"url": f"wss://me:{SECRET}@a.example"},
        {"url": f"wss://a.example/?api_key={SECRET}"},
        {"url": f"wss://a.example/?x={SECRET}"},
        {"model": SECRET},
        {"apiKeyEnv": SECRET, "api_key_env": SECRET},
        {"apiKeyEnv": "0123456789abcdef0123456789abcdef"},
        {"apiKeyCommand": f"echo {SECRET}", "api_key_command": f"echo {SECRET}"},
        {"apiKeyring": SECRET, "api_keyring": SECRET},
    ],
)
def test_a_key_itself_is_refused_and_never_repeated(layer: Layer, table: dict[str, str]) -> None:
    loaded = resolve([Source(layer, {"profiles": {"p": {**table}}, "apiKey": SECRET})])
    sentences = [problem.sentence for problem in loaded.problems]
    assert any("Never put a key into settings" in sentence for sentence in sentences)
    assert not any(SECRET in sentence for sentence in sentences)
    assert SECRET not in repr(loaded.settings)


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "key", "_K2", "MY_SERVICE_PRODUCTION_KEY_2"])
def test_names_of_variables_are_not_keys(name: str) -> None:
    loaded = resolve([user(profiles={"p": {**FAST, "api_key_env": name}})])
    assert loaded.problems == ()
    assert loaded.settings.profiles["p"].api_key_env == name


def test_a_command_in_one_line_is_split_but_never_expanded() -> None:
    loaded = resolve([user(profiles={"p": {**FAST, "api_key_command": "pass 'my key' $HOME #1"}})])
    assert loaded.settings.profiles["p"].api_key_command == ("pass", "my key", "$HOME", "#1")


# -- what a workspace may do ---------------------------------------------------------------------


@pytest.mark.parametrize("layer", [Layer.WORKSPACE_FILE, Layer.CONFIGURATION])
def test_a_workspace_cannot_send_anything_anywhere(layer: Layer) -> None:
    table = {
        "profile": "mine",
        "profiles": {"mine": {"url": "wss://evil.example", "model": "m"}, "new": FAST},
        ("redactSecrets" if layer.json else "redact_secrets"): False,
        "ignore": ["!*.pem", "build/"],
    }
    mine = user(profiles={"mine": FAST}, ignore=["*.pem"])
    loaded = resolve([mine, Source(layer, table)])
    assert loaded.settings.profiles["mine"].url == FAST["url"]
    assert set(loaded.settings.profiles) == {"practice", "mine"}
    assert loaded.settings.redact_secrets is True
    assert loaded.settings.ignore == ("*.pem", "build/")
    assert loaded.settings.profile == "practice"
    assert loaded.settings.requested_profile == "mine"
    sentences = " ".join(problem.sentence for problem in loaded.problems)
    assert "`profiles` in" in sentences
    assert "may only add files, so `!*.pem`" in sentences
    assert ("`redactSecrets` in" if layer.json else "`redact_secrets` in") in sentences
    assert len(loaded.problems) == 3


def test_a_profile_that_a_workspace_names_needs_the_users_agreement() -> None:
    loaded = resolve([user(profiles={"p": FAST}), workspace(profile="p")])
    assert loaded.problems == ()
    assert loaded.settings.profile == "practice"
    agreed = loaded.settings.using("p")
    assert (agreed.profile, agreed.requested_profile) == ("p", None)
    with pytest.raises(ContractError):
        agreed.using("other")


def test_a_workspace_that_names_the_profile_in_use_or_none_asks_nothing() -> None:
    loaded = resolve([user(profile="p", profiles={"p": FAST}), workspace(profile="p")])
    assert loaded.settings.requested_profile is None
    loaded = resolve([workspace(profile="gone")])
    assert loaded.settings.requested_profile is None
    assert "names `gone`" in only_sentence(loaded)


def test_an_editor_that_repeats_the_users_settings_is_not_scolded() -> None:
    table = {"profile": "p", "profiles": {"p": LOCAL}, "redactSecrets": False, "ignore": ["!a"]}
    loaded = resolve([options(**table), configuration(**table, publish=None, prompts={})])
    assert loaded.problems == ()
    assert loaded.settings.redact_secrets is False
    assert loaded.settings.ignore == ("!a",)
    assert loaded.settings.requested_profile is None


def test_the_users_ignore_is_replaced_by_trusted_layers_only() -> None:
    loaded = resolve([user(ignore=["a"]), workspace(ignore=["b", "a"]), options(ignore=["c"])])
    assert loaded.settings.ignore == ("c", "b", "a")


# -- merging ---------------------------------------------------------------------------------------


def test_prompts_add_up_and_an_empty_one_takes_one_away() -> None:
    loaded = resolve(
        [user(prompts={"Mine": "Do it.", "Simplify": ""}), workspace(prompts={"B": "b"})]
    )
    assert "Simplify" not in loaded.settings.prompts
    assert list(loaded.settings.prompts)[-2:] == ["Mine", "B"]


def test_a_workspace_may_ask_for_imports_or_switch_them_off_but_not_add_them() -> None:
    for value in ("ask", "never"):
        loaded = resolve([user(imports="add"), workspace(imports=value)])
        assert (loaded.settings.imports.value, loaded.problems) == (value, ())
    for source in (workspace(imports="add"), configuration(imports="add")):
        loaded = resolve([source])
        assert loaded.settings.imports is Imports.ASK
        assert "`add`" in only_sentence(loaded)
    assert resolve([options(imports="add")]).settings.imports is Imports.ADD
    repeated = resolve([user(imports="add"), configuration(imports="add")])
    assert (repeated.settings.imports, repeated.problems) == (Imports.ADD, ())


def test_layers_of_one_profile_add_up() -> None:
    loaded = resolve(
        [
            user(profiles={"p": {**FAST, "api_key_env": "A", "idle_timeout": 5}}),
            options(profiles={"p": {"model": "other"}}),
        ]
    )
    profile = loaded.settings.profiles["p"]
    assert (profile.model, profile.api_key_env, profile.idle_timeout) == ("other", "A", 5)


def test_a_key_never_goes_to_a_place_it_was_not_meant_for() -> None:
    loaded = resolve(
        [
            user(profiles={"p": {**FAST, "api_key_env": "A"}}),
            options(profiles={"p": {"provider": "anthropic", "baseUrl": "https://a.example"}}),
        ]
    )
    assert loaded.problems == ()
    profile = loaded.settings.profiles["p"]
    assert (profile.url, profile.provider, profile.api_key_env) == (None, Provider.ANTHROPIC, None)


def test_a_later_key_source_replaces_the_earlier() -> None:
    loaded = resolve(
        [
            user(profiles={"p": {**FAST, "api_key_env": "A"}}),
            options(profiles={"p": {"apiKeyring": "b"}}),
        ]
    )
    assert loaded.problems == ()
    assert loaded.settings.profiles["p"].api_key_env is None
    assert loaded.settings.profiles["p"].api_keyring == "b"


def test_the_practice_profile_stays_what_it_is() -> None:
    loaded = resolve([user(profiles={"practice": {"idle_timeout": 5}})])
    practice = loaded.settings.current
    assert practice is not None
    assert (practice.provider, practice.url, practice.idle_timeout) == (Provider.PRACTICE, None, 5)
    loaded = resolve([user(profiles={"practice": {**LOCAL, "idle_timeout": 5}})])
    assert "built-in practice model" in only_sentence(loaded)
    assert loaded.settings.current is None


def test_another_profile_may_practise_too() -> None:
    loaded = resolve([user(profiles={"p": {"provider": "practice"}})])
    assert loaded.problems == ()
    assert loaded.settings.profiles["p"].model == "practice"


def test_a_profile_is_called_by_its_name_or_its_role() -> None:
    profiles = {
        "spark": {**LOCAL, "role": "fast"},
        "thinker": {**LOCAL, "role": "deep"},
        "other": {**LOCAL, "role": "deep"},
    }
    settings = resolve([user(profiles=profiles)]).settings

    def called(name: str) -> str | None:
        profile = settings.profile_named(name)
        return None if profile is None else profile.name

    assert (called("spark"), called("fast"), called("deep")) == ("spark", "spark", "thinker")
    assert (called("practice"), called("x")) == ("practice", None)


# -- anything at all -------------------------------------------------------------------------------

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["wss://a", "fast", "practice", "!x", "sk-1", "ws://[", "http://a@b"])
)  # fmt: skip
names = (
    st.sampled_from([key.json_name for key in (*KEYS, *COMPOSITE_KEYS, *PROFILE_KEYS)])
    | st.sampled_from([key.name for key in (*KEYS, *COMPOSITE_KEYS, *PROFILE_KEYS)])
    | st.sampled_from(["practice", "p"])
    | st.text(max_size=5)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.tuples(st.sampled_from(list(Layer)), anything), max_size=4))
def test_nothing_that_anybody_writes_raises(layers: list[tuple[Layer, object]]) -> None:
    loaded = resolve([Source(layer, values) for layer, values in layers])
    settings = loaded.settings
    assert (settings.current is None) is (settings.choice_fault is not None)
    assert "practice" in {*settings.profiles, *settings.unusable}
    assert not settings.profiles.keys() & settings.unusable.keys()
    for problem in loaded.problems:
        assert problem.sentence.endswith((".", "?"))
