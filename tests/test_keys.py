"""Keys come from where the profile says, and every way to miss one has its sentence."""

import sys
import types

import pytest

from lsp_server.errors import SettingsError
from lsp_server.keys import resolve_key
from lsp_server.settings import Profile

PRINT = [sys.executable, "-c"]


def profile(**source: object) -> Profile:
    return Profile("p", model="m", url="wss://a.example", **source)  # type: ignore[arg-type]


def command(code: str) -> Profile:
    return profile(api_key_command=(*PRINT, code))


def test_a_profile_without_a_source_needs_no_key() -> None:
    assert resolve_key(profile()) is None


def test_the_key_that_the_editor_handed_over_comes_first() -> None:
    wanted = profile(api_key_env="NOT_SET")
    assert resolve_key(wanted, {"p": " abc\n"}, {}) == "abc"
    assert resolve_key(wanted, {"other": "abc"}, {"NOT_SET": "def"}) == "def"


def test_from_a_command_the_first_line() -> None:
    assert resolve_key(command("print('abc'); print('user: me')")) == "abc"


def test_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {("s", "p"): "abc", ("s", "me"): "def"}
    keyring = types.SimpleNamespace(get_password=lambda s, u: entries.get((s, u)))
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert resolve_key(profile(api_keyring="s")) == "abc"
    assert resolve_key(profile(api_keyring="s/me")) == "def"
    with pytest.raises(SettingsError, match="no entry `t` for `p`"):
        resolve_key(profile(api_keyring="t"))


@pytest.mark.parametrize(
    ("wanted", "needle"),
    [
        (profile(api_key_env="NOT_SET"), "the environment variable NOT_SET isn't set"),
        (profile(api_key_env="BLANK"), "the environment variable BLANK isn't set"),
        (profile(api_key_env="LINES"), "in the environment variable LINES can't be used"),
        (profile(api_key_command=("no-such-program-here",)), "wasn't found"),
        (command("raise SystemExit(3)"), "failed with exit code 3"),
        (command("pass"), "from its key command can't be used"),
        (command("import sys; sys.stdin.read(); print('k e y')"), "can't be used"),
    ],
)
def test_a_missing_key_is_one_sentence(wanted: Profile, needle: str) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve_key(wanted, {}, {"BLANK": " ", "LINES": "a\nX-Evil: 1"})
    assert needle in str(caught.value)
    assert "`p`" in str(caught.value)
    assert "Evil" not in str(caught.value)


def test_a_command_that_hangs_is_given_up() -> None:
    with pytest.raises(SettingsError, match=r"took more than 0\.1 s"):
        resolve_key(command("import time; time.sleep(60)"), timeout=0.1)


def test_no_keyring_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SettingsError, match="package `keyring`"):
        resolve_key(profile(api_keyring="s"))
