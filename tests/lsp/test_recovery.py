"""A server that is killed leaves sound code, and the next one offers to take it back."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lsp_server.lsp.journal_format import JournalEntry, JournalState
from lsp_server.lsp.journal_matching import as_it_is, attribution_of, holds, located
from lsp_server.lsp.recovery import FORGET, KEEP, MOST_SHOWN, REVERT, SHOW
from lsp_server.text.changes import Change, ChangeSet
from tests.support.raw_client import Failed, Json, RawClient
from tests.support.scripted_model import ScriptedModel
from tests.support.stage import SESSION

URI = "file:///project/a.py"
ADD = "def add(a, b):\n    return a+b"
TEXT = f"import os\n\n\n{ADD}\n\n\ndef other():\n    pass\n"
BEGINNING = "````\ndef add(a, b):\n    # sum\n    total = a + b\n"
SHOWN = "    # sum\n"

ANSWERS: Json = {"showMessage": {"messageActionItem": {"additionalPropertiesSupport": False}}}
"""The part of `window` of a client that can ask its user something."""


def kill(client: RawClient) -> None:
    os.kill(client.process.pid, signal.SIGKILL)
    assert client.process.wait() == -signal.SIGKILL
    client.wait_for(lambda: client._ended)


def terminate(client: RawClient) -> None:
    client.process.terminate()
    client.process.wait()


def close_and_shut_down(client: RawClient) -> None:
    """As an editor does whose window is reloaded."""
    for uri in list(client.documents):
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    client.finish()


class Servers:
    """Servers as processes, one after the other or side by side, over one folder of journals."""

    def __init__(self, tmp_path: Path, model: ScriptedModel) -> None:
        self.home = tmp_path
        self.folder = tmp_path / "state" / "midstream" / "sessions"
        self.model = model

    @property
    def journals(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.exists() else []

    @contextmanager
    def server(
        self, *, choice: object = None, asks: bool = True, profile: str = "scripted"
    ) -> Iterator[RawClient]:
        """A server whose user answers every question with `choice`."""
        env = {
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
        }
        with RawClient.start([sys.executable, "-m", "lsp_server"], env) as client:
            answer = {"title": choice} if isinstance(choice, str) else choice
            client.on_request("window/showMessageRequest", lambda params: answer)
            client.initialize(
                {**SESSION, "window": ANSWERS if asks else {}},
                initializationOptions={
                    "profile": profile,
                    "profiles": {profile: {"url": self.model.url, "model": "scripted-1"}},
                },
            )
            yield client

    def interrupted(
        self, *, typed: str = "", uri: str = URI, by: Callable[[RawClient], None] = kill
    ) -> str:
        """What an editor holds whose server was ended `by` that in the middle of an edit."""
        with self.server() as client:
            client.open(uri, TEXT, "python")
            self.edit(client, ADD, uri)
            asked = self.model.next()
            asked.say(BEGINNING)
            client.wait_for(lambda: SHOWN in client.text(uri))
            if typed:
                at = client.text(uri).index("return a+b") + len("return a+b")
                client.type(uri, at, at, typed)
                client.command("midstream.status", {})
                asked.say("    more = 1\n    most = 2\n")
                client.wait_for(lambda: "more = 1" in client.text(uri))
            by(client)
            return client.text(uri)

    def edit(self, client: RawClient, piece: str, uri: str = URI) -> str:
        argument = {"uri": uri, "range": client.range_of(uri, piece), "instruction": "explain"}
        return str(client.command("midstream.edit", argument)["session"])


def questions(client: RawClient) -> list[str]:
    return [params["message"] for params in client.received("window/showMessageRequest")]


def sentences(client: RawClient) -> list[str]:
    return [params["message"] for params in client.received("window/showMessage")]


def phases(client: RawClient) -> list[str]:
    return [s["phase"] for s in client.command("midstream.status", {})["sessions"]]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    with ScriptedModel() as model:
        yield Servers(tmp_path, model)


# -- kill -9 ---------------------------------------------------------------------------------------


def test_a_killed_server_leaves_sound_code_and_a_journal_for_this_user_alone(
    servers: Servers,
) -> None:
    left = servers.interrupted()
    assert left == TEXT.replace("    return a+b", f"{SHOWN}    return a+b")
    compile(left, "a.py", "exec")
    (journal,) = servers.journals
    assert journal.stat().st_mode & 0o777 == 0o600
    assert servers.folder.stat().st_mode & 0o777 == 0o700


def test_an_import_that_was_accepted_before_is_the_users(servers: Servers) -> None:
    """It was written above the scope, whose place is found all the same."""
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        session = servers.edit(client, ADD)
        asked = servers.model.next()
        asked.say(f"```python\n{ADD.replace('a+b', 'json.dumps(a + b)')}\n```\n")
        asked.say("```needs\nimport json\n```\n")
        asked.finish()
        client.wait_for(
            lambda: any(
                hunk.get("kind") == "import"
                for body in client.received("midstream/session")
                for hunk in body["hunks"]
            )
        )
        client.command("midstream.accept", {"session": session, "hunks": ["i1"]})
        client.wait_for(lambda: "import json" in client.text(URI))
        left = client.text(URI)
        kill(client)
    with servers.server(choice=REVERT) as client:
        client.open(URI, left, "python")
        client.wait_for(lambda: "dumps" not in client.text(URI))
        assert client.text(URI) == left.replace("json.dumps(a + b)", "a+b")


def test_the_next_server_takes_it_back_if_the_user_wants(servers: Servers) -> None:
    left = servers.interrupted()
    with servers.server(choice=REVERT) as client:
        client.open(URI, left, "python", version=7)
        client.wait_for(lambda: client.text(URI) == TEXT)
        versions = [
            e["edit"]["documentChanges"][0]["textDocument"]["version"] for e in client.edits
        ]
        assert versions == [7]
        client.wait_for(lambda: phases(client) == [])
        assert len(questions(client)) == 1
        assert servers.journals == []
        assert client.finish() == 0


def test_what_the_user_typed_before_and_after_the_crash_stays(servers: Servers) -> None:
    left = servers.interrupted(typed="  # mine")
    edited = left.replace("# sum\n", "# sum\n    # theirs\n")
    edited = edited.replace("import os", "import os, sys")
    with servers.server(choice=REVERT) as client:
        client.open(URI, edited, "python")
        client.wait_for(lambda: "# sum" not in client.text(URI))
        client.wait_for(lambda: phases(client) == [])
        text = client.text(URI)
    assert "import os, sys\n" in text
    assert "    return a+b  # mine\n" in text
    assert "    # theirs\n" in text
    assert "total" not in text
    assert "more" not in text


def test_who_keeps_it_is_not_asked_again(servers: Servers) -> None:
    left = servers.interrupted()
    with servers.server(choice=KEEP) as client:
        client.open(URI, left, "python")
        client.wait_for(lambda: questions(client))
        client.wait_for(lambda: phases(client) == [])
        assert client.text(URI) == left
        assert servers.journals == []


def test_who_does_not_answer_finds_it_in_review_and_can_go_on(servers: Servers) -> None:
    left = servers.interrupted()
    with servers.server() as client:
        client.open(URI, left, "python")
        assert phases(client) == ["review"]
        told = client.received("midstream/session")[-1]
        assert told["instruction"] == "explain"
        assert [hunk["before"] for hunk in told["hunks"]] == [""]
        assert len(servers.journals) == 1
        again = {"instruction": "once more"}
        assert client.command("midstream.redirect", again)["attempt"] == 2
        prompt = servers.model.next().prompt
        assert "explain" in prompt
        assert "once more" in prompt
        kill(client)
    assert len(servers.journals) == 1, "A second crash is as good as the first."


def test_it_does_not_go_on_with_another_profile_than_it_was_begun_with(
    servers: Servers,
) -> None:
    left = servers.interrupted()
    with servers.server(profile="other") as client:
        client.open(URI, left, "python")
        assert phases(client) == ["review"]
        with pytest.raises(Failed, match="there is no profile `scripted`"):
            client.command("midstream.redirect", {"instruction": "once more"})
        named = {"instruction": "once more", "profile": "other"}
        assert client.command("midstream.redirect", named)["attempt"] == 2


def test_what_was_accepted_before_the_crash_stays_accepted(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        asked = servers.model.next()
        asked.say(BEGINNING)
        client.wait_for(lambda: client.received("midstream/session")[-1]["hunks"])
        (hunk,) = client.received("midstream/session")[-1]["hunks"]
        client.command("midstream.accept", {"hunks": [hunk["id"]]})
        asked.say("    total += 0\n    return a+b\n")
        client.wait_for(lambda: "total += 0" in client.text(URI))
        kill(client)
        left = client.text(URI)
    with servers.server() as client:
        client.open(URI, f"# above\n{left}", "python")
        assert phases(client) == ["review"]
        told = client.received("midstream/session")[-1]
        assert "locked" in [hunk["state"] for hunk in told["hunks"]]
        assert "open" in [hunk["state"] for hunk in told["hunks"]]
        client.command("midstream.redirect", {"instruction": "once more"})
        asked = servers.model.next()
        assert "accepted these parts already" in asked.prompt
        asked.answer("def add(a, b):\n    return b + a")
        client.wait_for(lambda: phases(client) == ["review"])
        assert f"def add(a, b):\n{SHOWN}" in client.text(URI)
        client.command("midstream.revert", {})
        reverted = TEXT.replace("    return a+b", f"{SHOWN}    return a+b")
        client.wait_for(lambda: client.text(URI) == f"# above\n{reverted}")


def test_a_client_that_can_ask_nothing_gets_a_sentence_and_the_lenses(servers: Servers) -> None:
    left = servers.interrupted()
    with servers.server(asks=False) as client:
        client.open(URI, left, "python")
        assert phases(client) == ["review"]
        assert questions(client) == []
        (sentence,) = sentences(client)
        assert "To decide on it" in sentence
        lenses = client.request("textDocument/codeLens", {"textDocument": {"uri": URI}})
        assert "Revert change" in [lens["command"]["title"] for lens in lenses]


def test_a_document_that_was_never_saved_has_nothing_to_be_taken_back(servers: Servers) -> None:
    servers.interrupted()
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        assert phases(client) == []
        assert questions(client) == sentences(client) == []
        assert servers.journals == []


@pytest.mark.parametrize(
    ("choice", "shown", "files"), [(SHOW, [ADD], 0), (FORGET, [], 0), (None, [], 1)]
)
def test_a_place_that_is_not_certain_is_left_alone(
    servers: Servers, choice: str | None, shown: list[str], files: int
) -> None:
    left = servers.interrupted()
    twice = left + left
    with servers.server(choice=choice) as client:
        client.open(URI, twice, "python")
        client.wait_for(lambda: questions(client))
        client.wait_for(lambda: phases(client) == [])
        assert "can't be found" in questions(client)[0]
        assert sentences(client) == shown
        assert client.text(URI) == twice
        assert client.edits == []
        assert len(servers.journals) == files


def test_an_original_that_was_not_shown_whole_is_kept(servers: Servers) -> None:
    lines = "".join(f"    line_{n} = '{n:060}'\n" for n in range(80))
    long = f"def long():\n{lines}    return 1"
    assert len(long) > MOST_SHOWN
    text = f"import os\n\n\n{long}\n"
    with servers.server() as client:
        client.open(URI, text, "python")
        servers.edit(client, "def long")
        servers.model.next().say("````\ndef long():\n    # sum\n", lines[:200])
        client.wait_for(lambda: SHOWN in client.text(URI))
        kill(client)
        left = client.text(URI)
    with servers.server(choice=SHOW) as client:
        client.open(URI, left + left, "python")
        client.wait_for(lambda: sentences(client))
        assert sentences(client) == [long[:MOST_SHOWN] + "…"]
        assert client.finish() == 0
    assert len(servers.journals) == 1


# -- whose journal it is ---------------------------------------------------------------------------


def test_two_servers_do_not_take_each_others_journals(servers: Servers) -> None:
    with servers.server() as one, servers.server() as other:
        one.open(URI, TEXT, "python")
        servers.edit(one, ADD)
        servers.model.next().say(BEGINNING)
        one.wait_for(lambda: SHOWN in one.text(URI))
        other.open(URI, one.text(URI), "python")
        assert phases(other) == []
        assert questions(other) == []
        assert phases(one) == ["streaming"]
        assert len(servers.journals) == 1
        assert other.finish() == 0
        assert len(servers.journals) == 1
        one.command("midstream.accept", {})
        assert servers.journals == []


def test_another_document_is_not_asked_about(servers: Servers) -> None:
    left = servers.interrupted()
    with servers.server() as client:
        client.open("file:///project/b.py", left, "python")
        assert phases(client) == []
        assert len(servers.journals) == 1
        client.open("file:///project/%61.py", left, "python")
        assert phases(client) == ["review"]


@pytest.mark.parametrize("changed", [False, True], ids=["as-it-was", "changed-since"])
def test_a_file_that_was_renamed_is_known_by_what_stands_in_it(
    servers: Servers, changed: bool
) -> None:
    old, new = servers.home / "a.py", servers.home / "b.py"
    left = servers.interrupted(uri=old.as_uri())
    for path in (old, new):
        path.write_text(left)
    with servers.server(choice=REVERT) as client:
        client.open(new.as_uri(), left, "python")
        assert phases(client) == [], "The first one is there still, so this is a copy."
        client.notify("textDocument/didClose", {"textDocument": {"uri": new.as_uri()}})
        old.unlink()
        text = left.replace("import os", "import re") if changed else left
        client.open(new.as_uri(), text, "python")
        if changed:
            assert phases(client) == []
            assert len(servers.journals) == 1
        else:
            client.wait_for(lambda: client.text(new.as_uri()) == TEXT)
            client.wait_for(lambda: phases(client) == [])
            assert servers.journals == []
        assert client.finish() == 0


@pytest.mark.parametrize("command", ["accept", "revert"])
def test_a_session_that_is_decided_leaves_nothing(servers: Servers, command: str) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        servers.model.next().say(BEGINNING)
        client.wait_for(lambda: SHOWN in client.text(URI))
        assert len(servers.journals) == 1
        client.command(f"midstream.{command}", {})
        assert phases(client) == []
        assert servers.journals == []


def test_a_session_of_which_nothing_landed_leaves_nothing(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        servers.model.next().say("````\n")
        client.request("shutdown")
        assert servers.journals == []


def test_a_scope_that_is_deleted_leaves_nothing(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        servers.model.next().say(BEGINNING)
        client.wait_for(lambda: SHOWN in client.text(URI))
        client.type(URI, 3, len(client.text(URI)) - 3, "")
        assert phases(client) == []
        assert servers.journals == []


# -- an orderly end ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end", [RawClient.finish, close_and_shut_down, RawClient.close_input, terminate]
)
def test_what_is_undecided_when_the_editor_goes_is_offered_back(
    servers: Servers, end: Callable[[RawClient], None]
) -> None:
    left = servers.interrupted(by=end)
    assert len(servers.journals) == 1
    with servers.server(choice=REVERT) as client:
        client.open(URI, left, "python")
        client.wait_for(lambda: client.text(URI) == TEXT)
        client.wait_for(lambda: phases(client) == [])
        assert "undecided" in questions(client)[0]
        assert servers.journals == []


def test_what_was_closed_and_is_opened_again_goes_on_in_review(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        servers.model.next().answer(ADD.replace("a+b", "a + b"))
        client.wait_for(lambda: phases(client) == ["review"])
        left = client.text(URI)
        client.close(URI)
        assert phases(client) == []
        client.open(URI, left, "python")
        assert phases(client) == ["review"]
        client.close(URI)
        client.open(URI, TEXT, "python")  # It was closed without being saved.
        assert phases(client) == []
        assert len(questions(client)) == 1
        assert servers.journals == []


def test_an_editor_that_was_given_up_is_asked_when_it_speaks_again(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        asked = servers.model.next()
        asked.say(BEGINNING)
        client.wait_for(lambda: SHOWN in client.text(URI))
        client.on_request("workspace/applyEdit", lambda params: {"applied": False})
        asked.say("    # more\n    # most\n")  # The document is read-only by now.
        client.wait_for(lambda: phases(client) == [])
        assert len(servers.journals) == 1
        assert questions(client) == []
        client.on_request("workspace/applyEdit", client.take_edit)
        client.type(URI, 0, 0, "# mine\n")
        client.wait_for(lambda: phases(client) == ["review"])
        client.command("midstream.revert", {})
        client.wait_for(lambda: client.text(URI) == f"# mine\n{TEXT}")


def test_nothing_is_written_after_shutdown(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        asked = servers.model.next()
        asked.say(BEGINNING)
        client.wait_for(lambda: SHOWN in client.text(URI))
        client.request("shutdown")
        left = client.text(URI)
        asked.wait_cut()
        client.notify("exit")
        assert client.process.wait(10) == 0
        assert client.text(URI) == left


def test_an_earlier_state_that_was_saved_is_known(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        asked = servers.model.next()
        asked.say(BEGINNING)
        client.wait_for(lambda: SHOWN in client.text(URI))
        saved = client.text(URI)
        asked.say("    return total\n````\n")
        asked.finish()
        client.wait_for(lambda: phases(client) == ["review"])
        assert "return a+b" not in client.text(URI)
        client.finish()
    with servers.server(choice=REVERT) as client:
        client.open(URI, saved, "python")
        client.wait_for(lambda: client.text(URI) == TEXT)


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    env = os.environ | {
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "lsp_server", "demo"], env=env, cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_an_editor_that_goes_without_a_word_leaves_the_journal(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        servers.model.next().say(BEGINNING)
        client.wait_for(lambda: SHOWN in client.text(URI))
        assert client.close_input() == 1
    assert len(servers.journals) == 1


def test_typing_in_review_is_written_down_soon(servers: Servers) -> None:
    with servers.server() as client:
        client.open(URI, TEXT, "python")
        servers.edit(client, ADD)
        servers.model.next().answer(ADD.replace("a+b", "a + b"))
        client.wait_for(lambda: phases(client) == ["review"])
        client.type(URI, 0, 0, "# typed above\n")
        (journal,) = servers.journals
        client.wait_for(lambda: phases(client) and b"typed above" in journal.read_bytes())


# -- finding the place -----------------------------------------------------------------------------

BASE = "def f():\n    return 1\n"
VIEW = "def f():\n    x = 1\n    return x\n"


def state(before: str = "# before\n", after: str = "# after\n") -> JournalState:
    return JournalState(BASE, BASE, ChangeSet.replace(BASE, VIEW), None, before, after)


def piece(text: str, found: JournalState) -> str | None:
    span = located(text, found)
    return None if span is None else span.text(text)


def test_the_newest_state_that_a_text_holds_to_the_letter_is_meant() -> None:
    later = JournalState(
        BASE, BASE, ChangeSet.replace(BASE, VIEW + "# more\n"), None, "# b\n", "# a\n"
    )
    entry = JournalEntry("file:///a.py", "", "", later, (state(), state("# b\n")))
    assert as_it_is(f"# b\n{VIEW}# more\n# a\n", entry) == later
    assert as_it_is(f"# before\n{VIEW}# after\n", entry) == state()
    assert as_it_is(f"# b\n{VIEW}# after\n", entry) == state("# b\n")
    assert as_it_is(f"# b\n{VIEW}# after\n" * 2, entry) == later, "It is not certain which."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# before\n{VIEW}# after\n", VIEW),
        (f"more\n# before\n{VIEW}# after\nmore\n", VIEW),
        (f"# before\n{BASE}# after\n", BASE),
        (f"# before\n# typed\n{VIEW}# after\n", f"# typed\n{VIEW}"),
        (f"# changed\n{VIEW}# after\n", VIEW),
        (f"# before\n{VIEW}# changed\n", VIEW),
        (f"# changed\n{VIEW}# changed\n", VIEW),
        (f"# before\n{VIEW}# after\n# before\n{VIEW}# after\n", None),
        ("# before\nsomething else altogether, 123456789\n# after\n", None),
        ("", None),
    ],
)
def test_places(text: str, expected: str | None) -> None:
    assert piece(text, state()) == expected


def test_a_text_is_known_again_only_with_the_models_change_in_it() -> None:
    before = "# before " + "x" * 40 + "\n"
    found = state(before)
    assert holds(f"more\n{before}{VIEW}# after\nmore\n", found)
    assert not holds(f"{before}{BASE}# after\n", found)
    assert not holds(f"{before}{VIEW}# other\n", found)
    assert not holds(f"{before}{VIEW}# after\n{before}{VIEW}# after\n", found)
    short = JournalState("a\n", "a\n", ChangeSet.replace("a\n", "b\n"))
    assert not holds("b\n", short), "So little may stand in any file."
    assert not holds(f"{VIEW * 3}", JournalState(BASE, BASE, ChangeSet.replace(BASE, VIEW * 2)))


def test_who_types_close_to_a_scope_is_not_in_the_way() -> None:
    after = "\n\ndef followings(a):\n    return x\n"
    found = state("# before\n", after)
    assert piece(f"# before\n{VIEW}{after}", found) == VIEW
    assert piece(f"# before\n{VIEW}{after.replace(':', ':  # typed')}", found) == VIEW
    blank = state("# before\n", f"{' ' * 20}# after\n    return x\n")
    text = f"# before\n{VIEW}    # typed\n    return x\n{' ' * 20}\n"
    assert piece(text, blank) is None, "Blanks tell nothing."


def test_a_scope_at_the_edges_of_the_document() -> None:
    whole = state("", "")
    assert piece(VIEW, whole) == VIEW
    assert piece(VIEW + "x = 1\n", whole) == VIEW + "x = 1\n"
    assert piece(VIEW, state("", "# after\n")) == VIEW, "What stood behind it is gone."
    assert piece("x = 1\n", state("", "")) is None


def test_a_long_scope_needs_no_surroundings() -> None:
    long = BASE + "".join(f"    line_{n} = {n}\n" for n in range(9))
    found = JournalState(long, long, ChangeSet.identity(len(long)), None, "# before\n", "# after\n")
    assert piece(f"# changed\n{long}# changed\n", found) == long
    assert piece(f"# changed\n{long}# changed\n{long}", found) is None


def test_whose_text_is_whose_with_an_edit_on_its_way() -> None:
    flying = ChangeSet.of(len(VIEW), [Change(len(VIEW), len(VIEW), "# flying\n")])
    found = JournalState(BASE, BASE, ChangeSet.replace(BASE, VIEW), flying)
    for text, base in [
        (VIEW, BASE),
        (VIEW + "# flying\n", BASE),
        (VIEW.replace("x = 1", "x = 12"), BASE),
        ("# mine\n" + VIEW + "# flying\n", "# mine\n" + BASE),
        (BASE, BASE),
    ]:
        attribution = attribution_of(found, text)
        assert attribution.view == text
        if text != VIEW.replace("x = 1", "x = 12"):
            assert attribution.base == base
        else:
            assert "2" in attribution.base
