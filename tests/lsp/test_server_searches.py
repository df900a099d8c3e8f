"""A long text is searched for secrets in a thread: others are answered, nothing leaves before."""

import threading
from collections.abc import Iterator

import pytest

from lsp_server.guard.secrets import find_secrets
from lsp_server.lsp import redaction
from lsp_server.lsp.secret_search import MISTAKE, SEARCHED_AT_ONCE
from lsp_server.text.span import Span
from lsp_server.wording import LSP
from tests.support.stage import Stage

URI = "file:///project/long.py"
KEY = "gh" + "p_" + "Xk3vQ9mZ7wRt2LpN8sYb4HdF6jGc1TaKe5Ux"
SCOPE = f'def f(a):\n    login("{KEY}")\n    return a + 1'
TEXT = f"{SCOPE}\n\n\n" + "value = 1  # for those who come after\n" * (SEARCHED_AT_ONCE // 5)


class Held:
    """A search that begins and goes on only when it may."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_go_on = threading.Event()
        self.fails = False

    def __call__(self, text: str, most: int | None = None) -> tuple[Span, ...]:
        self.begun.set()
        assert self.may_go_on.wait(60)
        if self.fails:
            raise ValueError("no such thing")
        return find_secrets(text, most)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    search = Held()
    monkeypatch.setattr(redaction, "find_secrets", search)
    yield search
    search.may_go_on.set()


def begun(stage: Stage, held: Held) -> str:
    """An edit has been asked for and its text is being searched; the session."""
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "return a", scope="function")
    assert held.begun.wait(60)
    return session


def test_a_status_is_answered_while_a_long_text_is_searched(stage: Stage, held: Held) -> None:
    session = begun(stage, held)
    status = stage.client.command("midstream.status", {})
    assert [one["session"] for one in status["sessions"]] == [session]
    assert stage.model.idle
    held.may_go_on.set()
    asked = stage.asked()
    assert KEY not in asked.prompt and "MIDSTREAM_SECRET_1_" in asked.prompt
    asked.answer(SCOPE.replace(KEY, "MIDSTREAM_SECRET_1_").replace("+ 1", "+ 2"), pieces=5)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("return a + 1", "return a + 2", 1))


def test_a_stop_is_heard_meanwhile_and_nothing_is_sent(stage: Stage, held: Held) -> None:
    session = begun(stage, held)
    stage.client.command("midstream.cancel", {"session": session})
    held.may_go_on.set()
    second = stage.edit(URI, "return a", scope="function", instruction="Only this one.")
    assert second != session
    assert "Only this one." in stage.asked().prompt


def test_a_redirect_waits_for_the_search_before_it(stage: Stage, held: Held) -> None:
    session = begun(stage, held)
    stage.client.command("midstream.redirect", {"session": session, "instruction": "Then so."})
    held.may_go_on.set()
    asked = stage.asked()
    assert "Then so." in asked.prompt and KEY not in asked.prompt
    asked.answer(SCOPE.replace(KEY, "MIDSTREAM_SECRET_1_").replace("+ 1", "+ 3"), pieces=5)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("return a + 1", "return a + 3", 1))


def test_what_cannot_be_searched_is_not_sent(stage: Stage, held: Held) -> None:
    held.fails = True
    session = begun(stage, held)
    held.may_go_on.set()
    stage.until(
        lambda: any(LSP.render(MISTAKE) in str(new.get("message")) for new in stage.news(session))
    )
    assert stage.model.idle


def test_too_many_secrets_are_not_sent(stage: Stage) -> None:
    stage.begin()
    text = SCOPE + "\n" + "".join(f'password{n} = "hun{n}-Ter2"\n' for n in range(4000))
    stage.client.open(URI, text, "python")
    session = stage.edit(URI, "return a", scope="function")
    stage.until(lambda: any("secrets" in str(new.get("message")) for new in stage.news(session)))
    assert stage.model.idle


def test_a_short_text_is_searched_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[str] = []

    def search(text: str, most: int | None = None) -> tuple[Span, ...]:
        where.append(threading.current_thread().name)
        return find_secrets(text, most)

    monkeypatch.setattr(redaction, "find_secrets", search)
    stage.begin()
    stage.client.open(URI, SCOPE, "python")
    stage.edit(URI, "return a", scope="function")
    assert KEY not in stage.asked().prompt
    assert where and "search" not in where
