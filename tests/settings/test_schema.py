"""The list of settings is complete and correct."""

from dataclasses import fields

from lsp_server.settings import Layer, Profile, Settings, Source, describe, resolve
from lsp_server.settings.schema import COMPOSITE_KEYS, KEYS, PROFILE_KEYS, camel_case


def test_every_setting_is_in_the_list() -> None:
    listed = {key.name for key in (*KEYS, *COMPOSITE_KEYS)}
    told = {"requested_profile", "choice_fault", "profiles_fault", "ignore_fault"}
    told |= {"unusable", "roles", "workspace_prompts"}
    assert {f.name for f in fields(Settings)} == listed | told
    assert {f.name for f in fields(Profile)} == {key.name for key in PROFILE_KEYS} | {"name"}


def test_the_table_has_one_row_for_each_and_says_something() -> None:
    rows = describe()
    keys = [key for key in (*KEYS, *COMPOSITE_KEYS, *PROFILE_KEYS) if key.name != "profiles"]
    assert len({row.key for row in rows}) == len(rows) == len(keys)
    assert all(row.meaning and row.type for row in rows)
    assert rows[0].key == "profile"
    assert "profiles.NAME.apiKeyEnv" in {row.key for row in rows}


def test_the_table_says_truly_what_a_workspace_may_set() -> None:
    for key in KEYS:
        default = getattr(Settings(), key.name)
        others = {"publish": "line", "cancel_leaves": "raw", "imports": "never"}
        other = others.get(key.name, False if key.name == "redact_secrets" else 7)
        loaded = resolve([Source(Layer.WORKSPACE_FILE, {key.name: other})])
        assert (getattr(loaded.settings, key.name) != default) is key.from_workspace


def test_camel_case() -> None:
    assert camel_case("max_edits_per_second") == "maxEditsPerSecond"
    assert camel_case("ignore") == "ignore"
