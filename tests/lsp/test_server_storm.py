"""Redirects faster than sockets can be opened, and many edits in a row, through a real process."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.lsp.test_server_faults import process
from tests.support.scripted_model import Asked, ScriptedModel
from tests.support.stage import Stage

URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a+b\n"
SCOPE = TEXT[:-1]
STORM = 20


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Stage]:
    """A server process with a scripted model, and the file open in it."""
    with ScriptedModel() as model, process(tmp_path, model) as stage:
        stage.begin()
        stage.client.open(URI, TEXT, "python")
        model.wait_open(2)
        yield stage


def wanted(number: int) -> str:
    """What attempt `number` makes of the scope."""
    return f"def add(a, b):\n    # answer {number:02}\n    return a + b"


def test_a_redirect_never_waits_for_a_handshake(served: Stage) -> None:
    """Each new attempt's request comes on a socket that was open before the redirect."""
    model = served.model
    session = served.edit(URI, SCOPE)
    asked = served.asked()
    for number in range(2, 8):
        asked.say(f"````\n{wanted(number)[:30]}")
        model.wait_open(2)
        spare = set(model.open_sockets) - {asked.connection}
        served.client.command("midstream.redirect", {"instruction": f"try {number}"})
        after = served.asked()
        assert after.connection in spare
        asked.wait_cut()
        asked = after
    asked.answer(wanted(7))
    served.reach(session, "review")
    served.holds(URI, wanted(7) + "\n")
    model.wait_open(2)
    # Two at the start, and one spare for each that was used up.
    assert model.handshakes == 2 + 6


def test_a_storm_of_redirects_shows_only_the_last_answer(served: Stage) -> None:
    model, client = served.model, served.client
    session = served.edit(URI, SCOPE)
    before, began = model.handshakes, time.monotonic()
    answered: list[Asked] = []

    def answer() -> None:
        """Each request gets at once what could be shown, the last one a whole answer."""
        while True:
            asked = model.next()
            answered.append(asked)
            if f"try {STORM:02}" in asked.prompt:  # Only the last one knows of it.
                asked.answer(wanted(STORM))
                return
            asked.say("````\n" + wanted(len(answered))[:36])

    thread = threading.Thread(target=answer)
    thread.start()
    requests = [
        client.send_request(
            "workspace/executeCommand",
            {
                "command": "midstream.redirect",
                "arguments": [{"session": session, "instruction": f"try {number:02}"}],
            },
        )
        for number in range(1, STORM + 1)
    ]
    attempts = [client.answer_to(request)["attempt"] for request in requests]
    known = len(client.edits)
    assert attempts == list(range(2, STORM + 2))
    thread.join(20)
    assert not thread.is_alive()
    served.reach(session, "review")
    served.holds(URI, wanted(STORM) + "\n")
    for asked in answered[:-1]:
        asked.wait_cut()
    model.wait_open(2)
    assert model.idle, "Somebody asks although nobody wants an answer any more."
    # A busy machine makes a longer storm of it, in which more sockets may be opened.
    assert model.handshakes - before <= 5 * max(1.0, (time.monotonic() - began) / 0.5)
    parts = [part for edit in client.edits[known:] for part in edit["edit"]["documentChanges"]]
    written = "".join(edit["newText"] for part in parts for edit in part["edits"])
    assert set(re.findall(r"answer (\d\d)", written)) <= {f"{STORM:02}"}
    client.command("midstream.revert", {"session": session})
    served.holds(URI, TEXT)


def test_eight_sessions_in_one_file_are_redirected_one_by_one(served: Stage) -> None:
    """One is redirected, one stopped, one taken back; the others go on as if they were alone."""
    client, uri = served.client, "file:///project/eight.py"
    before = [f"def f{number}(x):\n    return x+{number}" for number in range(8)]
    client.open(uri, "\n\n\n".join(before) + "\n", "python")

    def made(number: int, by: str) -> str:
        return f"def f{number}(x):\n    # {by} {number}\n    return x + {number}"

    sessions, answers = [], []
    for number in range(8):
        sessions.append(served.edit(uri, before[number]))
        answers.append(served.asked())
    for number, asked in enumerate(answers):
        asked.say("````\n" + made(number, "first"))
        asked.say("\n")
    for number in range(8):
        served.shows(uri, f"# first {number}\n")
    client.command("midstream.redirect", {"session": sessions[2], "instruction": "anew"})
    answers[2].wait_cut()
    anew = served.asked()
    client.command("midstream.cancel", {"session": sessions[4]})
    client.command("midstream.revert", {"session": sessions[6]})
    anew.answer(made(2, "second"))
    for number in (0, 1, 3, 5, 7):
        answers[number].say("````\n")
        answers[number].finish()
    for number in (0, 1, 2, 3, 5, 7):
        served.reach(sessions[number], "review")
    assert served.last(sessions[4])["phase"] == "review"
    after = [made(number, "second" if number == 2 else "first") for number in range(8)]
    after[6] = before[6]
    parts = client.text(uri).removesuffix("\n").split("\n\n\n")
    assert parts[4].startswith("def f4(x):\n    # first 4\n"), "What had landed stays."
    parts[4] = after[4]
    assert parts == after
    for session in (sessions[number] for number in (0, 1, 2, 3, 4, 5, 7)):
        client.command("midstream.revert", {"session": session})
    served.holds(uri, "\n\n\n".join(before) + "\n")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_many_edits_leave_nothing_behind(served: Stage) -> None:
    pid = cast("subprocess.Popen[bytes]", cast(Any, served.client.process)).pid

    def rounds(count: int) -> None:
        for number in range(count):
            session = served.edit(URI, SCOPE)
            asked = served.asked()
            asked.say(f"````\n{wanted(number)[:36]}")
            if number % 2:
                served.client.command("midstream.redirect", {"instruction": "again"})
                asked.wait_cut()
                served.asked().answer(wanted(number))
                served.reach(session, "review")
                served.client.command("midstream.revert", {"session": session})
            else:
                served.client.command("midstream.cancel", {"leave": "original"})
                asked.wait_cut()
            served.reach(session, "ended")
            served.holds(URI, TEXT)
            served.model.wait_open(2)

    def held() -> int:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    rounds(10)
    before, memory = held(), resident(pid)
    rounds(50)
    assert held() == before
    assert resident(pid) - memory < 4 * 2**20
    assert served.client.command("midstream.status", {})["sessions"] == []


def resident(pid: int) -> int:
    """The memory of a process, in bytes."""
    pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    return int(pages) * 4096
