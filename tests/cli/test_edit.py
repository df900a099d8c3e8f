"""`midstream edit` as a process without a terminal: what it writes, prints and refuses."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from lsp_server.cli.edit import check_scope, root_of
from lsp_server.errors import SettingsError
from lsp_server.session.ledger import Ledger
from lsp_server.syntax.scope import ScopeLevel
from tests.cli.program import midstream, processes, started
from tests.support.scripted_model import ScriptedModel

_CODE = "def f():\n    tmp = 1\n    return tmp\n\n\ndef g():\n    return 2\n"
_RENAMED = _CODE.replace("tmp", "total")


def _file(home: Path, data: bytes = _CODE.encode(), name: str = "a.py") -> Path:
    path = home / name
    path.write_bytes(data)
    return path


def test_an_edit_is_written_and_reported(home: Path) -> None:
    path = _file(home)
    done = midstream(home, "edit", "a.py", "--lines", "1-3", "-m", "rename tmp to total", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_text() == _RENAMED
    assert "\x1b" not in done.stdout
    for line in ("a.py: rename tmp to total", "Accepted: `a.py` was written."):
        assert line in done.stdout.splitlines()
    assert "  -     tmp = 1\n  -     return tmp\n2 +     total = 1\n" in done.stdout
    assert "tokensPerSecond" in done.stdout
    assert {p.name for p in home.iterdir()} <= {"a.py", "tmp", ".cache"}
    if (cache := home / ".cache").exists():
        assert [p.name for p in cache.glob("*/*")] == ["index"]
    assert processes(home) == []


def test_json_is_the_ledger_and_nothing_else(home: Path) -> None:
    _file(home)
    done = midstream(
        home, "edit", "a.py", "--lines", "2", "-m", "rename tmp to total", "--scope", "function",
        "--yes", "--json",
    )  # fmt: skip
    assert done.returncode == 0
    ledger = json.loads(done.stdout)
    assert list(ledger) == ["outcome", *Ledger(0.0).as_json(None), "mended", "context"]
    assert ledger["outcome"] == "accepted"
    assert ledger["charsInserted"] > 0
    assert "Accepted" in done.stderr


def test_the_table_names_the_other_files_that_were_sent(home: Path) -> None:
    _file(home)
    (home / "docs").mkdir()
    _file(home, b"one\ntwo\nthree\n", "docs/style.md")
    _file(home, b"Use tabs.\n", "AGENTS.md")
    words = ("edit", "a.py", "--lines", "1-3", "-m", "rename tmp to total", "--yes")
    done = midstream(home, *words, "--context", "docs/style.md:2-9", "--context", "docs")
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("context"))
    assert "AGENTS.md (rules), docs/style.md (mention); about " in line
    said = " ".join((done.stdout + done.stderr).split())
    assert "`docs/style.md:2-9` names more lines than there are: only 2-3 are sent." in said
    assert "`docs` isn't sent: it is a folder." in said


def test_an_edit_that_failed_says_so_and_has_no_figures_to_show(
    home: Path, model: ScriptedModel
) -> None:
    _file(home)
    model.refuse_with = 401
    words = ("edit", "a.py", "--lines", "2", "-m", "x", "--yes")
    done = midstream(home, *words)
    assert done.returncode == 1
    assert "tokensPerSecond" not in done.stdout
    report = json.loads(midstream(home, *words, "--json").stdout)
    assert report["outcome"] == "failed"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + _CODE.encode(),
        _CODE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + _CODE.replace("\n", "\r\n").removesuffix("\r\n").encode(),
        _CODE.replace("\n\n\n", "\f\n\n# \u2028 \U0001f600  \n").removesuffix("\n").encode(),
        _CODE.replace(":\n", ":\r\n").encode(),
    ],
)
def test_every_other_byte_stays(home: Path, data: bytes) -> None:
    path = _file(home, data)
    done = midstream(home, "edit", "a.py", "--lines", "1-3", "-m", "rename tmp to total", "--yes")
    assert done.returncode == 0, done.stderr + done.stdout
    assert path.read_bytes() == data.replace(b"tmp", b"total")


_REFUSED: list[tuple[list[str], str]] = [
    (
        ["a.py", "--lines", "1", "-m", "x", "--yes", "--context", "no.md:3"],
        "--context: there is no file `no.md`",
    ),
    (["no.py", "--lines", "1", "-m", "x", "--yes"], "There is no file `no.py`"),
    ([".", "--lines", "1", "-m", "x", "--yes"], "`.` is a folder"),
    (["b.bin", "--lines", "1", "-m", "x", "--yes"], "`b.bin` is a binary file"),
    (["latin.py", "--lines", "1", "-m", "x", "--yes"], "`latin.py` isn't in UTF-8"),
    (["a.py", "--lines", "x", "-m", "x", "--yes"], "--lines takes line numbers"),
    (["a.py", "--lines", "3-2", "-m", "x", "--yes"], "--lines 3-2 ends before it begins"),
    (["a.py", "--lines", "7-8", "-m", "x", "--yes"], "`a.py` has 7 lines, so --lines 7-8 is"),
    (["a.py", "--lines", "1", "-m", " ", "--yes"], "-m is empty"),
    (["a.py", "--lines", "1", "-m", "x", "--scope", "all", "--yes"], "--scope must be one of"),
    (["a.py", "--lines", "1", "-m", "x", "--profile", "no", "--yes"], "--profile: there is no"),
    (["a.py", "--lines", "1", "-m", "x", "--profile", " ", "--yes"], "--profile must be"),
    (["secret.py", "--lines", "1", "-m", "x", "--yes"], "This file is never sent to a model"),
    (["a.py", "--lines", "1", "-m", "x"], "There is no terminal to ask"),
]


@pytest.mark.parametrize(("words", "start"), _REFUSED, ids=[start for _, start in _REFUSED])
def test_wrong_use_is_one_sentence(home: Path, words: list[str], start: str) -> None:
    _file(home)
    _file(home, b"x\0", "b.bin")
    _file(home, b"\xe9\n", "latin.py")
    _file(home, b"key = 1\n", "secret.py")
    (home / ".midstreamignore").write_text("secret.py\n")
    done = midstream(home, "edit", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"midstream: {start}")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="its command line is text")
def test_an_instruction_in_no_encoding(home: Path) -> None:
    _file(home)
    done = midstream(home, "edit", "a.py", "--lines", "1", "-m", b"\xff", "--yes")
    assert done.returncode == 2
    assert done.stderr.startswith("midstream: -m has bytes that aren't text")


def test_what_the_model_cannot_do(home: Path) -> None:
    path = _file(home)
    done = midstream(home, "edit", "a.py", "--lines", "1-3", "-m", "sing a song", "--yes")
    assert done.returncode == 1
    assert "I don't know how to do this" in done.stdout
    assert "`a.py` is unchanged." in done.stdout
    assert path.read_text() == _CODE


def test_a_setting_that_is_wrong_is_reported_and_left_out(home: Path) -> None:
    path = _file(home)
    (home / ".midstream.toml").write_text('publish = "sometimes"\n')
    done = midstream(home, "edit", "a.py", "--lines", "1-3", "-m", "rename tmp to total", "--yes")
    assert done.returncode == 0
    assert "`publish` in .midstream.toml" in done.stderr
    assert path.read_text() == _RENAMED


# -- with a model that a test plays --


_WORDS = ("edit", "a.py", "--lines", "1-3", "-m", "do it", "--yes")


def test_another_model_and_a_lost_secret_are_reported(home: Path, model: ScriptedModel) -> None:
    """Neither is the server's last message."""
    secret = "gh" + "p_" + "0123456789abcdefghijABCDEFGHIJ012345"
    path = _file(home, f'def f():\n    return "{secret}"\n'.encode())
    process = started(home, "edit", "a.py", "--lines", "1-2", "-m", "x", "--yes")
    request = model.next()
    request.begin(served="cheaper-0")
    request.answer("def f():\n    return None")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert path.read_text() == "def f():\n    return None\n"
    lines = out.splitlines()
    warned = [line for line in lines if "cheaper-0" in line or "secret of your code" in line]
    assert len(warned) == 3, out
    assert "asked for the model" in warned[0] and "answers with cheaper-0" in warned[0]
    assert "drops a secret" in warned[1]
    assert warned[2].startswith("models") and "cheaper-0 instead of" in warned[2]


_IMPORTING = "def f():\n    return json.dumps(1)"


@pytest.mark.parametrize(
    ("options", "written"),
    [((), False), (("--imports", "add"), True), (("--imports", "never"), False)],
)
def test_imports_are_written_if_the_setting_says_so(
    home: Path, model: ScriptedModel, options: tuple[str, ...], written: bool
) -> None:
    path = _file(home)
    process = started(home, "edit", "a.py", "--lines", "1-3", "-m", "x", "--yes", *options)
    request = model.next()
    assert ("```needs" in request.prompt) is ("never" not in options)
    request.say(f"```python\n{_IMPORTING}\n```\n\n```needs\nimport json\n```\n")
    request.finish()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    edited = _CODE.replace("def f():\n    tmp = 1\n    return tmp", _IMPORTING)
    assert path.read_text() == ("import json\n\n\n" if written else "") + edited
    assert ("The new code needs an import: import json" in out) is ("never" not in options)


def test_imports_must_be_one_of_the_known_words(home: Path) -> None:
    _file(home)
    done = midstream(
        home, "edit", "a.py", "--lines", "1", "-m", "x", "--yes", "--imports", "always"
    )
    assert done.returncode == 2
    assert "--imports must be one of ask, add, never, not `always`." in done.stderr


def test_an_answer_that_breaks_off_is_not_written(home: Path, model: ScriptedModel) -> None:
    path = _file(home)
    process = started(home, *_WORDS)
    request = model.next()
    request.say("```python\ndef f():\n    total = 1\n    return total\n")
    request.drop()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "")
    assert "`a.py` is unchanged." in out
    assert path.read_text() == _CODE


def test_an_answer_that_does_not_parse_is_not_written(home: Path, model: ScriptedModel) -> None:
    path = _file(home)
    process = started(home, *_WORDS)
    model.next().answer("def f(:\n    total = 1\n    return total")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "`a.py` is unchanged." in out
    assert path.read_text() == _CODE


def test_an_answer_that_loses_a_declaration_is_not_written(
    home: Path, model: ScriptedModel
) -> None:
    path = _file(home)
    process = started(home, "edit", "a.py", "--lines", "1-7", "-m", "do it", "--yes")
    model.next().answer("def f():\n    tmp = 1\n    return tmp")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "drops `g`, which you didn't ask for" in out
    assert "`a.py` is unchanged." in out
    assert path.read_text() == _CODE


def test_a_file_that_somebody_else_changes_meanwhile(home: Path, model: ScriptedModel) -> None:
    path = _file(home)
    process = started(home, *_WORDS)
    request = model.next()
    path.write_text("theirs\n")
    request.answer("def f():\n    total = 1\n    return total")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Another program changed" in err
    assert path.read_text() == "theirs\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
def test_an_interrupt_without_a_terminal_leaves_the_file_as_it_was(
    home: Path, model: ScriptedModel
) -> None:
    path = _file(home)
    process = started(home, *_WORDS)
    request = model.next()
    request.say("```python\ndef f():\n    total = 1\n    return total\n")
    process.send_signal(signal.SIGINT)
    request.wait_cut()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "")
    assert "`a.py` is unchanged." in out
    assert path.read_text() == _CODE


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_a_server_that_dies_is_a_sentence(home: Path, model: ScriptedModel) -> None:
    path = _file(home)
    process = started(home, *_WORDS)
    model.next()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (server,) = children
    os.kill(int(server), signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("midstream: The server ended unexpectedly")
    assert err.count("\n") == 1
    assert path.read_text() == _CODE


# -- pieces --


def test_scopes_are_those_of_the_server() -> None:
    assert all(check_scope(level.value) == level.value for level in ScopeLevel)
    with pytest.raises(SettingsError):
        check_scope("Function")


def test_the_workspace_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "project" / "src"
    inner.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert root_of(inner / "a.py") == tmp_path
    monkeypatch.chdir("/")
    (tmp_path / "project" / ".git").mkdir()
    assert root_of(inner / "a.py") == tmp_path / "project"
    (inner / ".midstream.toml").write_text("")
    assert root_of(inner / "a.py") == inner
