"""The settings `context` and `rules`: each part for itself, and a workspace can only take away."""

import pytest

from lsp_server.settings import (
    DEFAULT_RULES,
    ContextSettings,
    Layer,
    Loaded,
    Settings,
    Source,
    resolve,
)

_BY_WORKSPACE = (Layer.WORKSPACE_FILE, Layer.CONFIGURATION)


def _loaded(*layers: tuple[Layer, dict[str, object]]) -> Loaded:
    return resolve([Source(layer, values) for layer, values in layers])


def _sentences(loaded: Loaded) -> str:
    return " ".join(problem.sentence for problem in loaded.problems)


def test_the_defaults() -> None:
    assert Settings().context == ContextSettings(True, True, True, ())
    assert Settings().rules == DEFAULT_RULES
    assert resolve([]).settings.context == ContextSettings()


def test_each_part_is_set_for_itself_and_a_later_layer_wins() -> None:
    loaded = _loaded(
        (Layer.USER_FILE, {"context": {"callers": False, "files": ["docs/style.md"]}}),
        (Layer.INITIALIZATION, {"context": {"open": False, "files": None}, "rules": "STYLE.md"}),
    )
    assert not loaded.problems
    assert loaded.settings.context == ContextSettings(True, False, False, ("docs/style.md",))
    assert loaded.settings.rules == ("STYLE.md",)


@pytest.mark.parametrize("layer", _BY_WORKSPACE)
def test_a_workspace_turns_parts_off(layer: Layer) -> None:
    loaded = _loaded((layer, {"context": {"definitions": False}, "rules": ["AGENTS.md"]}))
    assert not loaded.problems
    assert not loaded.settings.context.definitions
    assert loaded.settings.context.callers
    assert loaded.settings.rules == ("AGENTS.md",)


@pytest.mark.parametrize("layer", _BY_WORKSPACE)
def test_a_workspace_turns_nothing_on_and_adds_nothing(layer: Layer) -> None:
    mine: dict[str, object] = {
        "context": {"callers": False, "files": ["a.md", "b.md"]},
        "rules": ["A.md", "B.md"],
    }
    theirs: dict[str, object] = {
        "context": {"callers": True, "files": ["b.md", ".env"]},
        "rules": ["B.md", "C.md"],
    }
    loaded = _loaded((Layer.USER_FILE, mine), (layer, theirs))
    assert loaded.settings.context == ContextSettings(True, False, True, ("b.md",))
    assert loaded.settings.rules == ("B.md",)
    for name in ("`context.callers`", "`context.files`", "`.env`", "`rules`", "`C.md`"):
        assert name in _sentences(loaded)


def test_an_unknown_part_is_named_with_the_one_that_was_meant() -> None:
    loaded = _loaded((Layer.USER_FILE, {"context": {"defintions": False}}))
    assert "`context.defintions` in config.toml isn't a setting" in _sentences(loaded)
    assert "`context.definitions`" in _sentences(loaded)
    assert loaded.settings.context == ContextSettings()


def test_files_that_must_not_be_sent_in_the_wrong_place_stop_everything() -> None:
    loaded = _loaded((Layer.USER_FILE, {"context": {"exclude": ["secrets/*"]}}))
    assert loaded.settings.ignore_fault is not None
    assert "`context.exclude`" in _sentences(loaded)


@pytest.mark.parametrize("value", ["no", 0, {}, 1.5])
def test_a_part_that_cannot_be_read_sends_less(value: object) -> None:
    loaded = _loaded((Layer.USER_FILE, {"context": {"open": value, "files": {"a": 1}}}))
    assert loaded.settings.context == ContextSettings(True, True, False, ())
    assert "`context.open` in config.toml must be true or false" in _sentences(loaded)
    assert "`context.files`" in _sentences(loaded)


@pytest.mark.parametrize("value", [True, "all", ["open"], 3])
def test_what_is_no_table_is_ignored_and_said(value: object) -> None:
    loaded = _loaded((Layer.USER_FILE, {"context": value}))
    assert loaded.settings.context == ContextSettings()
    assert "`context` in config.toml must be a table" in _sentences(loaded)


@pytest.mark.parametrize("path", ["../other/AGENTS.md", "/etc/passwd", "C:\\x.md", "a/../../b"])
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    loaded = _loaded((Layer.USER_FILE, {"rules": [path], "context": {"files": [path]}}))
    assert loaded.settings.rules == DEFAULT_RULES
    assert loaded.settings.context.files == ()
    assert "inside the workspace" in _sentences(loaded)
