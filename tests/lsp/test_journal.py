"""Journals on the disk: whole or not there, nobody else's, and no trouble whatever lies there."""

import logging
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.lsp import journal
from lsp_server.lsp.journal import KEPT_SECONDS, MOST_FILES, Journals
from lsp_server.lsp.journal_format import MOST_BYTES, JournalEntry, JournalState
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

URI = "file:///project/a.py"
BASE = "x = 1\n"
OURS = ChangeSet.of(len(BASE), [Change(4, 5, "2")])
STATE = JournalState(BASE, BASE, ChangeSet.identity(len(BASE)), None, "before", "after")
ENTRY = JournalEntry(URI, "count “on”", "practice", STATE)


def entries(journals: Journals, uri: str = URI) -> list[JournalEntry]:
    found = []
    for left in journals.left(lambda other: other == uri):
        found.append(left.entry)
        left.let_go()
    return found


def crashed(folder: Path, entry: JournalEntry = ENTRY) -> Path:
    """A journal as a killed server leaves it; its file."""
    before = set(folder.iterdir()) if folder.exists() else set()
    kept = Journals(folder).begin(entry)
    assert kept is not None
    kept.let_go()
    (path,) = set(folder.iterdir()) - before
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    kept = Journals(tmp_path / "j").begin(ENTRY)
    assert kept is not None
    changes = ChangeSet.of(3, [Change(0, 1, "z")])
    typed = JournalState(
        "y\n", "yy\n", changes, None, "b", "a", ((Span(1, 3), ""), (Span(3, 3), "q"))
    )
    states = [
        replace(STATE, ours=OURS),
        replace(STATE, ours=OURS, flying=ChangeSet.of(len(BASE), [Change(0, 0, "# 😀\n")])),
        replace(STATE, ours=OURS, before="before\r\n", locked=((Span(0, 1), "y"),)),
        typed,
        typed,
    ]
    for state in states:
        kept.note(state)
        kept.let_go() if state is states[-1] else None
    earlier = (*reversed(states[:3]), STATE)
    assert entries(Journals(tmp_path / "j")) == [replace(ENTRY, state=typed, earlier=earlier)]


def test_it_is_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "j"
    folder.mkdir(mode=0o755)
    path = crashed(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_one_who_lives_keeps_theirs(tmp_path: Path) -> None:
    journals = Journals(tmp_path)
    kept = journals.begin(ENTRY)
    assert kept is not None
    assert entries(journals) == entries(Journals(tmp_path)) == []
    kept.let_go()
    assert entries(journals) == [ENTRY]
    first = next(journals.left(lambda uri: True))
    assert entries(Journals(tmp_path)) == [], "Two servers cannot both take it."
    first.drop()
    assert list(tmp_path.iterdir()) == []


def test_who_looks_for_another_document_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed(tmp_path)
    found: list[JournalEntry] = []

    def wanted(uri: str) -> bool:
        """While one server looks, another opens the document that the journal is about."""
        found.extend(entries(Journals(tmp_path)))
        return False

    assert list(Journals(tmp_path).left(wanted)) == []
    assert found == [ENTRY]


def test_it_is_gone_when_it_is_dropped(tmp_path: Path) -> None:
    kept = Journals(tmp_path).begin(ENTRY)
    assert kept is not None
    kept.drop()
    kept.drop()
    kept.note(replace(STATE, ours=OURS))
    kept.let_go()
    assert list(tmp_path.iterdir()) == []


def test_a_long_session_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "COMPACT_BYTES", 2_000)
    kept = Journals(tmp_path).begin(ENTRY)
    assert kept is not None
    for number in range(200):
        state = replace(STATE, ours=ChangeSet.of(len(BASE), [Change(4, 5, str(number))]))
        kept.note(state)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size <= 2_000
    assert entries(Journals(tmp_path)) == [], "It is still locked."
    kept.let_go()
    (found,) = entries(Journals(tmp_path))
    assert replace(found, earlier=()) == replace(ENTRY, state=state)


@given(st.data())
def test_cut_off_anywhere_it_tells_an_earlier_state(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("j")
    journals = Journals(folder)
    kept = journals.begin(ENTRY)
    assert kept is not None
    kept.note(replace(STATE, ours=OURS))
    (path,) = folder.iterdir()
    first = len(path.read_bytes())
    second = replace(STATE, ours=ChangeSet.of(len(BASE), [Change(0, 1, "yy")]))
    kept.note(second)
    kept.let_go()
    content = path.read_bytes()
    cut = data.draw(st.integers(first, len(content)))
    path.write_bytes(content[:cut])
    (entry,) = entries(journals)
    assert entry.state == (second if cut == len(content) else replace(STATE, ours=OURS))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"no json\n",
        b"[]\n",
        b"null\n{}\n",
        b'{"journal":1}\n',
        b'{"journal":1,"uri":"URI","instruction":"i","profile":"p"}\n',
        b'{"journal":1,"uri":7,"instruction":"i","profile":"p"}\n{"original":"","base":"",'
        b'"before":"","after":"","ours":[0,[]]}\n',
        b'{"journal":1,"uri":"URI","instruction":"i","profile":"p"}\n{"original":"","base":"",'
        b'"before":"","after":"","ours":[7,[]]}\n',
        b'{"journal":1,"uri":"URI","instruction":"i","profile":"p"}\n{"original":"","base":"",'
        b'"before":"","after":"","ours":[0,[[4,2,""]]]}\n',
        b'{"journal":1,"uri":"URI","instruction":"i","profile":"p"}\n{"ours":[0,[]]}\n',
        b'{"journal":1,"uri":"URI","instruction":"i","profile":"p"}\n{"original":"","base":"",'
        b'"before":"","after":"","ours":[0,[]],"locked":[[0,9,""]]}\n',
        b'{"journal":1,"uri":"URI","instruction":"i","profile":"p"}\n{"original":"","base":"",'
        b'"before":"","after":"","ours":[0,[]],"locked":[[1,0,""]]}\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
    ],
    ids=range(15),
)
def test_what_is_no_journal_is_removed_with_a_sentence(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "1-a.jsonl").write_bytes(content.replace(b"URI", URI.encode()))
    good = crashed(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert entries(Journals(tmp_path)) == [ENTRY]
    assert [record.message for record in caplog.records] == [
        "1-a.jsonl is no journal of Midstream and has been removed."
    ]
    assert list(tmp_path.iterdir()) == [good]


def test_one_that_is_too_large_is_none(tmp_path: Path) -> None:
    path = tmp_path / "1-a.jsonl"
    path.touch(mode=0o600)
    os.truncate(path, MOST_BYTES + 1)
    assert entries(Journals(tmp_path)) == []
    assert not path.exists()
    huge = "x" * MOST_BYTES
    state = JournalState(huge, huge, ChangeSet.identity(len(huge)), None, "", "")
    assert Journals(tmp_path).begin(replace(ENTRY, state=state)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_later_format_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "1-a.jsonl"
    path.write_bytes(b'{"journal":2,"anything":"else"}\n')
    assert entries(Journals(tmp_path)) == []
    assert path.exists()


def test_what_is_too_old_or_too_much_is_cleared_away(tmp_path: Path) -> None:
    old, young = crashed(tmp_path), crashed(tmp_path)
    half = tmp_path / "1-b.new"
    half.write_bytes(b"{")
    now = young.stat().st_mtime
    for path in (old, half):
        os.utime(path, (now - KEPT_SECONDS - 60,) * 2)
    held = Journals(tmp_path).begin(ENTRY)
    assert held is not None
    (theirs,) = set(tmp_path.iterdir()) - {old, young, half}
    os.utime(theirs, (now - KEPT_SECONDS - 60,) * 2)
    assert entries(Journals(tmp_path, lambda: now)) == [ENTRY]
    assert set(tmp_path.iterdir()) == {young, theirs}, "Who lives keeps an old one too."
    held.drop()
    for number in range(MOST_FILES + 5):
        (tmp_path / f"{number}-c.jsonl").write_bytes(b'{"journal":2}\n')
    list(Journals(tmp_path).left(lambda uri: True))
    assert len(list(tmp_path.iterdir())) == MOST_FILES


def test_links_pipes_and_folders_are_not_followed(tmp_path: Path) -> None:
    folder, target = tmp_path / "j", tmp_path / "target"
    folder.mkdir()
    target.write_text("mine")
    (folder / "1-a.jsonl").symlink_to(target)
    (folder / "1-b.jsonl").mkdir()
    os.mkfifo(folder / "1-c.jsonl")
    assert entries(Journals(folder)) == []
    assert target.read_text() == "mine"


@pytest.mark.parametrize("what", ["file", "link", "read-only"])
def test_where_no_folder_can_be_there_is_no_journal(
    tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "j"
    match what:
        case "file":
            folder.write_text("mine")
        case "link":
            (tmp_path / "elsewhere").mkdir()
            folder.symlink_to(tmp_path / "elsewhere")
        case _:
            (tmp_path / "j").write_text("")
            folder = tmp_path / "j" / "deeper"
    journals = Journals(folder)
    assert journals.begin(ENTRY) is None
    assert journals.begin(ENTRY) is None
    assert len(caplog.records) == 1, "It is said once."
    assert entries(journals) == []


def test_a_disk_that_fails_ends_the_journal_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Journals(tmp_path).begin(ENTRY)
    assert kept is not None
    monkeypatch.setattr("lsp_server.lsp.journal.os.write", lambda descriptor, data: 3)
    kept.note(replace(STATE, ours=OURS))
    assert "disk is full" in caplog.text or "cannot be written" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_no_unicode_has_no_journal(tmp_path: Path) -> None:
    state = replace(STATE, before="\ud800")
    assert Journals(tmp_path).begin(replace(ENTRY, state=state)) is None
    kept = Journals(tmp_path).begin(ENTRY)
    assert kept is not None
    kept.note(state)
    assert list(tmp_path.iterdir()) == []
