"""What a server records can be played again, to the same bytes; and it holds no key."""

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.shapes import sound
from lsp_server.errors import SettingsError
from lsp_server.lsp.recording import HIDDEN, Recorder, RecordingRedaction, shape_of
from tests.support.raw_client import Json, RawClient
from tests.support.replaying import replay
from tests.support.scripted_model import ScriptedModel
from tests.support.stage import SESSION

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings"

ADD = "def add(a, b):\n    return a+b"
PYTHON = "def add(a, b):\n    return a+b\n\n\ndef other():\n    pass\n"
TYPESCRIPT = (
    "export function total(prices: number[]): number {\n"
    "  let sum = 0;\n"
    "  for (const price of prices) {\n"
    "    sum += price;\n"
    "  }\n"
    "  return sum;\n"
    "}\n"
)


class Scene:
    """One conversation with a server process that records it."""

    def __init__(self, client: RawClient, model: ScriptedModel) -> None:
        self.client = client
        self.model = model
        self.final: dict[str, str] = {}

    def open(self, uri: str, text: str, language: str) -> None:
        self.client.open(uri, text, language)
        self.uri = uri

    def edit(self, piece: str, instruction: str) -> None:
        range_ = self.client.range_of(self.uri, piece)
        self.client.command(
            "midstream.edit", {"uri": self.uri, "range": range_, "instruction": instruction}
        )

    def shows(self, piece: str) -> None:
        self.client.wait_for(lambda: piece in self.client.text(self.uri))

    def reaches(self, phase: str) -> None:
        self.client.wait_for(
            lambda: (self.client.received("midstream/session") or [{}])[-1].get("phase") == phase
        )


def redirected(scene: Scene) -> None:
    """The instruction changes while the answer streams; one hunk is accepted, the rest reverted."""
    scene.open("file:///project/add.py", PYTHON, "python")
    scene.edit(ADD, "explain")
    asked = scene.model.next()
    asked.say("````\ndef add(a, b):\n", "    # The su", "m.\n    tot", "al = a + b\n")
    scene.shows("# The sum.")
    scene.client.command("midstream.redirect", {"instruction": "with types"})
    asked.wait_cut()
    again = scene.model.next()
    again.answer("def add(a: int, b: int) -> int:\n    # The sum.\n    return a + b")
    scene.reaches("review")
    scene.client.command("midstream.accept", {})


def typed(scene: Scene) -> None:
    """The user types above the scope and in it while the answer streams; an edit is refused."""
    scene.open("file:///project/total.ts", TYPESCRIPT, "typescript")
    scene.edit(TYPESCRIPT.rstrip(), "use reduce")
    asked = scene.model.next()
    asked.say("```ts\nexport function total(prices: number[]): number {\n  // All of them.\n")
    asked.say("  let sum = 0;\n  let count = 0;\n  for (const price of prices) {\n")
    scene.shows("// All of them.")
    scene.client.type(scene.uri, 0, 0, "// mine\n")
    at = scene.client.text(scene.uri).index("return sum;")
    for offset, letter in enumerate("/* 😀 */ "):
        scene.client.type(scene.uri, at + offset, at + offset, letter)
    asked.say("    sum += price;\n    count += 1;\n  }\n  return sum / count;\n}\n```\n")
    asked.finish()
    scene.reaches("review")
    assert "// mine\n" in scene.client.text(scene.uri)
    assert "/* 😀 */ " in scene.client.text(scene.uri)
    scene.client.command("midstream.revert", {})


def failed(scene: Scene) -> None:
    """The connection breaks in the middle of an answer; the retry is refused by the model."""
    scene.open("file:///project/add.py", PYTHON, "python")
    scene.edit(ADD, "explain")
    asked = scene.model.next()
    asked.say("````\ndef add(a, b):\n    # The sum.\n    total = ")
    scene.shows("# The sum.")
    asked.drop()
    scene.reaches("review")
    scene.client.command("midstream.redirect", {"instruction": "again"})
    scene.model.next().fail("server_error")
    scene.reaches("review")
    scene.client.command("midstream.cancel", {"leave": "original"})


SCENES: dict[str, Callable[[Scene], None]] = {
    "redirect-python": redirected,
    "typing-typescript": typed,
    "fault-python": failed,
}


def record(scene: Callable[[Scene], None], path: Path, *more: str, **options: Any) -> str:
    """Play a scene with a real server that records; the text that the editor ends with."""
    argv = [sys.executable, "-m", "lsp_server", "serve", "--record", str(path), *more]
    env = {"XDG_CONFIG_HOME": str(path.parent / "config"), "A_KEY": "sk-secret-of-the-test"}
    with ScriptedModel() as model, RawClient.start(argv, env) as client:
        profile = {"url": model.url, "model": "scripted-1", **options}
        other = {"secretKey": "sk-under-a-wrong-name"}
        client.initialize(
            SESSION,
            processId=None,
            initializationOptions={
                "profile": "scripted",
                "profiles": {"scripted": profile, "other": other},
            },
        )
        made = Scene(client, model)
        scene(made)
        text = client.text(made.uri)
        client.command("midstream.status", {})
        assert client.finish() == 0
    return text


@pytest.mark.parametrize("name", SCENES)
def test_a_recording_of_a_real_server_replays_to_the_same_bytes(
    name: str, tmp_path: Path, update_fixtures: bool
) -> None:
    path = tmp_path / f"{name}.jsonl"
    text = record(SCENES[name], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    replayed = replay(path)
    assert len(replayed.recorded_edits) > 1
    assert replayed.edits == replayed.recorded_edits
    assert replayed.told == replayed.recorded_told
    assert list(replayed.documents.values()) == [text]
    if update_fixtures:
        RECORDINGS.mkdir(parents=True, exist_ok=True)
        (RECORDINGS / path.name).write_bytes(path.read_bytes())


def test_a_document_that_was_read_in_slices_replays_to_the_same_bytes(tmp_path: Path) -> None:
    """How many slices there were, and what was typed between them, is in the recording."""
    text = sound("javascript", 20_000)
    piece = "function f1000(a, b)"

    def scene(scene: Scene) -> None:
        scene.open("file:///project/big.js", text, "javascript")
        place = {"uri": scene.uri, "range": scene.client.range_of(scene.uri, piece)}
        argument = {**place, "instruction": "do it", "scope": "function"}
        params = {"command": "midstream.edit", "arguments": [argument]}
        id_ = scene.client.send_request("workspace/executeCommand", params)
        scene.client.type(scene.uri, 0, 0, "// typed\n")
        answer = scene.client.answer_to(id_)
        assert answer["scope"]["kind"] == "function_declaration"
        scene.model.next().answer(f"{piece} {{\n    return a + b * 1000;\n}}")
        scene.reaches("review")
        scene.client.type(scene.uri, 0, 0, "// more\n")
        scene.client.command("midstream.scope", place)
        scene.client.command("midstream.revert", {})

    path = tmp_path / "big.jsonl"
    final = record(scene, path)
    lines = path.read_text("utf-8").splitlines()
    assert any("big.js" in str(json.loads(line).get("timer")) for line in lines)
    replayed = replay(path)
    assert replayed.edits == replayed.recorded_edits and replayed.edits
    assert replayed.told == replayed.recorded_told
    assert list(replayed.documents.values()) == [final]


def test_what_was_found_of_other_files_is_in_the_recording(tmp_path: Path) -> None:
    """So it replays where these files are not, or are others."""
    notes = tmp_path / "notes.md"
    notes.write_text("some notes\n", "utf-8")

    def scene(scene: Scene) -> None:
        scene.open("file:///project/add.py", PYTHON, "python")
        argument: Json = {"uri": scene.uri, "range": scene.client.range_of(scene.uri, ADD)}
        context = [{"uri": notes.as_uri()}]
        argument |= {"instruction": "as in #gone.py", "context": context}
        scene.client.command("midstream.context", argument)
        scene.client.command("midstream.edit", argument)
        asked = scene.model.next()
        assert "some notes" in asked.prompt
        asked.answer("def add(a: int, b: int) -> int:\n    return a + b")
        scene.reaches("review")
        scene.client.command("midstream.redirect", {"instruction": "as in #also_gone.py"})
        scene.model.next().answer("def add(a: float, b: float) -> float:\n    return a + b")
        scene.reaches("review")
        scene.client.command("midstream.accept", {})

    path = tmp_path / "found.jsonl"
    record(scene, path)
    notes.unlink()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    found = [each for line in lines for each in line.get("found", ())]
    assert [[piece["path"] for piece in each["pieces"]] for each in found] == [
        ["notes.md"],
        ["notes.md"],
        [],
    ]
    replayed = replay(path)
    assert replayed.edits == replayed.recorded_edits and replayed.edits
    assert replayed.told == replayed.recorded_told
    told = [body["message"]["text"] for body in replayed.told if "message" in body]
    assert "`#gone.py` isn't sent: it doesn't exist." in told
    assert "`#also_gone.py` isn't sent: it doesn't exist." in told
    assert "some notes" in str([line.get("found") for line in lines])


def test_without_texts_it_holds_only_their_shape(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("some notes\n", "utf-8")

    def scene(scene: Scene) -> None:
        scene.open("file:///project/add.py", PYTHON, "python")
        argument: Json = {"uri": scene.uri, "range": scene.client.range_of(scene.uri, ADD)}
        context = [{"uri": notes.as_uri()}]
        scene.client.command("midstream.edit", {**argument, "instruction": "x", "context": context})
        scene.model.next().answer("def add(a: int, b: int) -> int:\n    return a + b")
        scene.reaches("review")

    path = tmp_path / "found.jsonl"
    record(scene, path, "--record-redact")
    content = path.read_text("utf-8")
    assert "notes" not in content
    assert "xxxx xxxxx" in content
    assert replay(path).told[-1]["phase"] == "review"


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_recordings_that_somebody_sent_replay_to_the_same_bytes(path: Path) -> None:
    replayed = replay(path)
    assert replayed.edits == replayed.recorded_edits
    assert replayed.told == replayed.recorded_told


def test_there_are_recordings() -> None:
    assert {path.stem for path in RECORDINGS.glob("*.jsonl")} >= set(SCENES)


def test_a_replay_is_the_same_every_time(tmp_path: Path) -> None:
    one, other = (replay(RECORDINGS / "typing-typescript.jsonl") for _ in range(2))
    assert one.sent == other.sent


def test_another_answer_is_noticed(tmp_path: Path) -> None:
    text = (RECORDINGS / "redirect-python.jsonl").read_text("utf-8")
    path = tmp_path / "other.jsonl"
    path.write_text(text.replace('"delta":"m.\\n    tot"', '"delta":"n.\\n    tot"'), "utf-8")
    replayed = replay(path)
    assert replayed.edits != replayed.recorded_edits


# -- keys ------------------------------------------------------------------------------------------


def test_no_key_is_written_wherever_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "keys.jsonl"

    def scene(scene: Scene) -> None:
        scene.client.request("midstream/keys", {"scripted": "sk-handed-over-by-hand"})
        scene.open("file:///project/a.py", f"KEY = 'sk-secret-of-the-test'\n{PYTHON}", "python")
        scene.edit(ADD, "use sk-handed-over-by-hand")
        scene.model.next().answer("def add(a, b):\n    return a + b  # sk-handed-over-by-hand")
        scene.reaches("review")

    record(scene, path, apiKeyEnv="A_KEY")
    content = path.read_text("utf-8")
    assert "sk-" not in content
    assert "Authorization" not in content
    assert "Bearer" not in content
    assert HIDDEN in content
    keys = [line for line in map(json.loads, content.splitlines()) if "midstream/keys" in str(line)]
    assert keys[0]["editor"]["params"] == {"scripted": HIDDEN}


def test_a_key_that_a_command_prints_is_not_written_when_the_model_repeats_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "keys.jsonl"
    key = "k3y-" + "of-the-command"

    def scene(scene: Scene) -> None:
        scene.open("file:///project/a.py", PYTHON, "python")
        scene.edit(ADD, "explain")
        asked = scene.model.next()
        assert key in asked.headers["Authorization"]
        asked.say(f"````\n# {key}\n")
        asked.fail(f"wrong key {key}")
        scene.reaches("review")

    record(scene, path, apiKeyCommand=[sys.executable, "-c", f"print('{key}')"])
    content = path.read_text("utf-8")
    assert f"# {HIDDEN}" in content
    assert key not in content


@pytest.mark.parametrize("method", ["initialize", "workspace/didChangeConfiguration"])
def test_of_a_profile_only_what_cannot_be_a_key_is_written(tmp_path: Path, method: str) -> None:
    recorder = Recorder(tmp_path / "r.jsonl")
    places = {
        "url": "wss://host/v1/responses?api=oops-1",
        "baseUrl": "https://me:oops-2@host",
        "apiKeyEnv": "oops-3",
        "api_key_command": ["echo", "oops-4"],
        "apiKeyring": "oops-5",
    }
    kept = {"model": "m", "provider": "anthropic", "role": "fast", "idleTimeout": 30}
    profiles = {"one": {**places, **kept}, "two": "oops-6"}
    params = {"initializationOptions": {"profiles": profiles}, "prompts": {"a": "b"}}
    shown = recorder.editor({"method": method, "params": params})
    recorder.close()
    assert "oops" not in json.dumps(shown)
    assert isinstance(shown, dict)
    told = shown["params"]["initializationOptions"]["profiles"]
    assert told == {"one": {**dict.fromkeys(places, HIDDEN), **kept}, "two": HIDDEN}
    assert shown["params"]["prompts"] == {"a": "b"}


# -- without texts ---------------------------------------------------------------------------------


def test_a_redacted_recording_keeps_shapes_and_no_words(tmp_path: Path) -> None:
    path = tmp_path / "redacted.jsonl"
    text = record(SCENES["typing-typescript"], path, "--record-redact")
    content = path.read_text("utf-8")
    for word in ("total", "prices", "reduce", "mine", "count", "project"):
        assert word not in content, word
    replayed = replay(path)
    (document,) = replayed.documents.values()
    assert document == shape_of(text)
    assert len(replayed.edits) >= 1


def test_shapes_are_as_wide_in_every_encoding() -> None:
    text = "Ab9_ ä\tж字𝒳😀\r\n٣"
    shape = shape_of(text)
    assert shape == "xx0_ ж\tж字𝐱😀\r\nж"
    for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
        assert len(shape.encode(encoding)) == len(text.encode(encoding))


def test_files_keep_their_kind_and_lose_their_names() -> None:
    redaction = RecordingRedaction()
    line = {
        "editor": {"uri": "file:///place/me/plan.py", "text": "plan"},
        "timer": "tick file:///b.c",
    }
    assert redaction.line(line) == {
        "editor": {"uri": "file:///redacted/1.py", "text": "xxxx"},
        "timer": "tick file:///redacted/2.c",
    }
    assert redaction.line({"uri": "file:///place/me/plan.py"}) == {"uri": "file:///redacted/1.py"}
    # Some editors leave blanks as they are.
    for name, before in (("uri", ""), ("timer", "edit "), ("target", "")):
        line = redaction.line({name: f"{before}file:///place/my plan.py"})
        assert line == {name: f"{before}file:///redacted/3.py"}
    assert redaction.line({"uri": "file:///a.my plan"}) == {"uri": "file:///redacted/4"}
    assert redaction.line({"timer": "tell s1"}) == {"timer": "tell s1"}


def test_the_names_of_prompts_are_the_users_words() -> None:
    line = {"settings": {"prompts": {"As Ann": "be kind", "As Bob": "no"}}}
    assert RecordingRedaction().line(line) == {
        "settings": {"prompts": {"1 xx xxx": "xx xxxx", "2 xx xxx": "xx"}}
    }


# -- the file --------------------------------------------------------------------------------------


def test_a_second_recording_stands_beside_the_first(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    for _ in range(2):
        Recorder(path).close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r-2.jsonl", "r.jsonl"]


def test_where_nothing_can_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--record: can't write"):
        Recorder(tmp_path / "none" / "r.jsonl")


@pytest.mark.parametrize("partly", [False, True])
def test_a_disk_that_fails_ends_the_recording(
    partly: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(tmp_path / "r.jsonl")

    def full(descriptor: int, data: bytes) -> int:
        if not partly:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[:9])

    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        recorder.server({"method": "a"})
    recorder.server({"method": "b"})
    recorder.close()
    assert "The recording has ended" in caplog.text
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == (2 if partly else 1)


def test_what_is_no_unicode_is_written_all_the_same(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "r.jsonl")
    message: Json = {"method": "a", "params": {"text": "\ud800", "n": [1, None, True, 2.5]}}
    with recorder.happening(editor=recorder.editor(message)):
        recorder.server(message)
        recorder.frame("s1", 1, b"no json")
        assert recorder.reading(1.23456) == 1.235
    recorder.close()
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert lines[1]["frame"] == "no json"
    assert lines[2]["editor"]["params"] == {"text": "?", "n": [1, None, True, 2.5]}
    assert lines[2]["read"] == [1.235]
    assert lines[3]["server"]["params"]["text"] == "?"


def test_a_token_that_nobody_asked_for_is_not_written(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "record")
    params = {
        "workDoneToken": "kept",
        "initializationOptions": {"token": "a secret", "publish": "line"},
    }
    shown = recorder.editor({"id": 1, "method": "initialize", "params": params})
    recorder.close()
    assert isinstance(shown, dict)
    assert shown["params"]["workDoneToken"] == "kept"
    assert shown["params"]["initializationOptions"] == {"token": HIDDEN, "publish": "line"}


def test_which_parses_took_too_long_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    recorder = Recorder(path)
    with recorder.happening(timer="one"):
        assert not recorder.parsing(lambda: False)()
        over = recorder.parsing(lambda: True)
        assert over() and over()
    with recorder.happening(timer="two"):
        assert not recorder.parsing(lambda: False)()
    recorder.close()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line.get("cut") for line in lines if "timer" in line] == [[[2, 1]], None]
