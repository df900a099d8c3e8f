"""`midstream doctor`: what works and what does not, and never an API key."""

import json
import socket
import sys
from pathlib import Path

import pytest

from lsp_server.cli.trial import judge, tiny_request
from lsp_server.settings import Profile, Provider
from lsp_server.syntax.languages import known_languages
from tests.cli.program import PATIENCE, midstream, settle, started
from tests.support.scripted_model import ScriptedModel

GOOD = """\
```python
def add_up(prices):
    amount = 0
    for price in prices:
        amount += math.ceil(price)
    return amount
```
"""
_KEYED = '[profiles.k]\nurl = "wss://x.invalid/v1"\nmodel = "m"\napi_key_env = "NOT_SET_HERE"\n'


def test_without_any_settings(home: Path) -> None:
    done = midstream(home, "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "config.toml (yours) doesn't exist, which is fine.",
        "`practice` (in use): model practice, built in.",
        "Nothing was sent to a model",
        f"{len(known_languages())} work: Python, JavaScript",
        "docs/editors.md",
    ):
        assert words in done.stdout


def test_a_profile_without_its_key(home: Path) -> None:
    settle(home, _KEYED)
    done = midstream(home, "doctor")
    assert done.returncode == 0
    assert "NOT_SET_HERE isn't set" in done.stdout
    done = midstream(home, "doctor", "--try")
    assert done.returncode == 0
    assert "Tried: it answers" in done.stdout
    assert "Its answer works as an edit and makes the change that was asked for." in done.stdout


def test_the_profile_in_use_decides(home: Path) -> None:
    settle(home, f'profile = "k"\n{_KEYED}')
    assert midstream(home, "doctor").returncode == 1


def test_a_key_is_never_shown(home: Path) -> None:
    settle(
        home,
        'profile = "k"\n[profiles.k]\nurl = "wss://x.invalid/v1"\nmodel = "m"\n'
        f'api_key_command = ["{sys.executable}", "-c", "print(chr(115) * 40)"]\n',
    )
    done = midstream(home, "doctor")
    assert done.returncode == 0
    assert "Its key is there (from its key command)." in done.stdout
    assert "sss" not in done.stdout + done.stderr


def test_wrong_settings(home: Path) -> None:
    settle(home, "publsh = 1\n")
    done = midstream(home, "doctor")
    assert done.returncode == 2
    assert "WRONG: `publsh`" in done.stdout


def test_an_editor_hands_over_its_settings(home: Path) -> None:
    settle(home, 'publish = "line"\n')
    profiles = {"far": {"url": "wss://x.invalid/v1", "model": "m", "apiKeyEnv": "NOT_SET_HERE"}}
    handed = {
        "initializationOptions": {"profile": "far", "profiles": profiles},
        "configuration": {"publish": "sometimes"},
        "keys": ["far"],
    }
    done = midstream(home, "doctor", "--editor", given=json.dumps(handed))
    assert "config.toml (yours) is read" in done.stdout
    assert "The settings of your editor are included." in done.stdout
    assert "`far` (in use): model m at wss://x.invalid/v1" in done.stdout
    assert "Its key is there (your editor keeps it)." in done.stdout
    assert "WRONG: `publish`" in done.stdout
    handed = {"initializationOptions": {"profile": "far", "profiles": profiles}}
    done = midstream(home, "doctor", "--editor", given=json.dumps(handed))
    assert (done.returncode, done.stderr) == (1, "")
    assert "NOT_SET_HERE isn't set" in done.stdout


def test_an_editor_says_where_the_workspace_is(home: Path, tmp_path: Path) -> None:
    there = tmp_path / "workspace"
    there.mkdir()
    (there / ".midstream.toml").write_text('publish = "sometimes"\n')
    assert "sometimes" not in midstream(home, "doctor", "--editor", given="{}").stdout
    done = midstream(home, "doctor", "--editor", given=json.dumps({"folder": str(there)}))
    assert "WRONG: `publish`" in done.stdout


@pytest.mark.parametrize(
    "given",
    [
        "",
        "[]",
        '{"keys": {"far": "sk-1"}}',
        '{"keys": [1]}',
        '{"folder": 1}',
        r'{"folder": "\u0000"}',
    ],
)
def test_what_no_editor_hands_over(home: Path, given: str) -> None:
    done = midstream(home, "doctor", "--editor", given=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "a JSON object on standard input" in done.stderr
    assert "sk-1" not in done.stderr


def test_trying_a_model_that_refuses(home: Path, model: ScriptedModel) -> None:
    model.refuse_with = 401
    done = midstream(home, "doctor", "--try")
    assert done.returncode == 1
    assert "`scripted` (in use): model m at ws://" in done.stdout
    assert "Tried: " in done.stdout


def test_a_server_of_this_machine_that_is_not_there(home: Path) -> None:
    """It is reported without `--try`, and decides the exit code."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settle(
        home, f'profile = "near"\n[profiles.near]\nurl = "ws://127.0.0.1:{port}/v1"\nmodel = "m"\n'
    )
    done = midstream(home, "doctor")
    assert done.returncode == 1
    assert f"Nothing answers at 127.0.0.1:{port}" in done.stdout
    done = midstream(home, "doctor", "--editor", given='{"keys": ["near"]}')
    assert done.returncode == 1
    assert "(your editor keeps it)" in done.stdout and "Nothing answers at" in done.stdout


@pytest.mark.parametrize(
    ("answer", "code", "sentence"),
    [
        (GOOD, 0, "makes the change that was asked for."),
        ("I cannot help with that.", 1, "has no code"),
    ],
)
def test_an_answer_is_read_and_not_only_counted(
    home: Path, model: ScriptedModel, answer: str, code: int, sentence: str
) -> None:
    with started(home, "doctor", "--try") as program:
        request = model.next()
        request.begin()
        request.say(*(answer[at : at + 9] for at in range(0, len(answer), 9)))
        request.finish()
        out, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == code
    assert "Tried: it answers" in out and "tokens a second" in out
    assert sentence in out


@pytest.mark.parametrize(
    ("requested", "served", "words"),
    [
        ("fast", "priority", "service tier priority."),
        ("ultrafast", "default", "service tier default (asked for: ultrafast)."),
    ],
)
def test_the_tier_that_answers_is_reported(
    home: Path, requested: str, served: str, words: str
) -> None:
    with ScriptedModel() as model:
        settle(
            home,
            f'profile = "p"\n[profiles.p]\nurl = "{model.url}"\nmodel = "m"\n'
            f'service_tier = "{requested}"\n',
        )
        with started(home, "doctor", "--try") as program:
            ask = model.next()
            assert ask.create["service_tier"] == requested
            ask.begun = True
            ask.send("response.created", response={"model": "m", "service_tier": served})
            ask.say(GOOD)
            ask.finish()
            out, _ = program.communicate(timeout=PATIENCE)
    assert words in out


@pytest.mark.parametrize(
    ("answer", "fine", "words"),
    [
        (GOOD, True, "the change that was asked for"),
        (GOOD.replace("amount", "result"), True, "doesn't change what it should"),
        (GOOD.replace("amount = 0", "amount = 1"), True, "changes more than was asked for"),
        (GOOD.replace("(price)", "(price"), False, "doesn't parse"),
        ("Here:\n\n```sh\nls\n```\n", False, "drops the function"),
        (GOOD.removesuffix("```\n"), True, "makes the change that was asked for"),
        (GOOD[: GOOD.rindex("    return") + 8], False, "doesn't end as it should"),
        ("Rename the variable and all is well.", False, "has no code"),
    ],
)
def test_what_an_answer_is_good_for(answer: str, fine: bool, words: str) -> None:
    judged, sentence = judge([answer[at : at + 5] for at in range(0, len(answer), 5)])
    assert (judged, words in sentence) == (fine, True), sentence


def test_the_try_asks_for_what_an_edit_asks_for() -> None:
    """Otherwise it would not show how a server handles a prefix, a prediction and a limit."""
    request = tiny_request(Profile("p", "m", provider=Provider.OPENAI_CHAT))
    assert (request.prefix, request.prediction is not None) == ("```python\n", True)
    assert request.enough is not None
