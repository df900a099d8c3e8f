"""The command line as a process: its commands, wrong use, a reader that goes away."""

import logging
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server.cli import main as cli
from lsp_server.cli.main import LogFormatter, main
from lsp_server.errors import RequestFailed
from lsp_server.wording import DOCTOR
from tests.cli.program import ARGV, PATIENCE, environment, midstream, started

_WORDS = ("serve", "edit", "demo", "prompt", "doctor", "gateway", "recipes")


def test_every_word_has_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for word in _WORDS:
        assert main([word, "--help"]) == 0
        assert f"usage: midstream {word}" in capsys.readouterr().out


def test_without_a_word_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    output = capsys.readouterr().err
    assert all(f"    {word} " in output for word in _WORDS)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("edti", "There is no `midstream edti`. Did you mean `midstream edit`?"),
        ("Doctor", "There is no `midstream Doctor`. Did you mean `midstream doctor`?"),
        ("x" * 99, f"There is no `midstream {'x' * 39}…`. The commands are {', '.join(_WORDS)}."),
        ("--tcp", "`midstream` doesn't take `--tcp`. See `midstream --help`."),
    ],
)
def test_a_wrong_word(given: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([given]) == 2
    assert capsys.readouterr().err == f"midstream: {sentence}\n"


@pytest.mark.parametrize(
    ("given", "start"),
    [
        (["serve", "--tcp", "here"], "--tcp must look like"),
        (["serve", "--tcp", "127.0.0.1:99999"], "--tcp must look like"),
        (["serve", "--tcp", "1:1", "--stdio"], "--stdio and --tcp can't be combined"),
        (["gateway", "--listen", "8765"], "--listen must look like"),
        (["gateway", "--token-file", "/no/where"], "The token file /no/where can't be read"),
        (["demo", "--svg", "/no/where/x.svg"], "--svg: there is no folder `/no/where`"),
        (["edit", "a.py", "--lines", "1-2"], "`midstream edit` needs -m."),
    ],
)
def test_wrong_use(given: list[str], start: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(given) == 2
    output = capsys.readouterr().err
    assert output.startswith(f"midstream: {start}")
    assert output.count("\n") == 1


def test_a_mistake_of_ours_is_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(chosen: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_recipes", broken)
    assert main(["recipes"]) == 1
    output = capsys.readouterr().err
    assert "Midstream failed" in output
    assert "Traceback" not in output


def test_ctrl_c_is_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(chosen: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_recipes", interrupted)
    assert main(["recipes"]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
@pytest.mark.parametrize("words", [["recipes"], ["doctor"]])
def test_a_reader_that_goes_away_is_no_noise(home: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*ARGV, *words],
        cwd=home,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_words_that_need_little_load_little(home: Path) -> None:
    script = (
        "import sys\n"
        "from lsp_server.cli.main import main\n"
        "main(sys.argv[1:])\n"
        "loaded = {'pygls', 'lsprotocol', 'rich', 'asyncio'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(loaded)) or 0)\n"
    )
    for words in (["--version"], ["edti"], ["edit", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            env=environment(home),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()


def test_the_gateway_says_where_it_is(home: Path) -> None:
    process = started(home, "gateway")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert '"url": "ws://127.0.0.1:' in line
        assert '"token": "' in line
    finally:
        process.kill()
        process.communicate()


def test_serve_over_a_port_that_is_taken(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = midstream(home, "serve", "--tcp", place)
    assert done.returncode == 2
    assert done.stderr.startswith(f"midstream: Can't listen on {place}")


def test_a_log_level_that_does_not_exist(tmp_path: Path) -> None:
    done = subprocess.run(
        [*ARGV, "recipes"],
        env={**environment(tmp_path), "MIDSTREAM_LOG": "loud"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == (
        "midstream: MIDSTREAM_LOG is 'loud', which is no log level. "
        "Use one of: error, warning, info, debug, trace.\n"
    )


def test_the_log_has_no_slots(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("lsp_server.lsp.server")
    try:
        raise RequestFailed(f"Run {DOCTOR}.")
    except RequestFailed as error:
        log.warning("It is ignored: %s", error, exc_info=True)
    text = LogFormatter("%(message)s").format(caplog.records[0])
    lines = text.splitlines()
    assert lines[0] == "It is ignored: Run `midstream doctor`."
    assert lines[-1].endswith("RequestFailed: Run `midstream doctor`.")


def test_the_log_leaves_code_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("lsp_server.events").warning("> a.py edit 1 %s", DOCTOR)
    assert LogFormatter("%(message)s").format(caplog.records[0]) == f"> a.py edit 1 {DOCTOR}"
