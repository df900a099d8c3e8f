"""The gateway as a process: its command line, its token, its end."""

import asyncio
import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from lsp_server.errors import SettingsError
from lsp_server.gateway.process import main, parse_listen, read_token, serve_forever
from tests.gateway.scripted import Scripted

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "lsp_server.gateway")
# Says hello with a provider of the tests, so that nothing of the practice model is needed.
SCRIPT = """
import sys
from lsp_server.gateway.process import serve_forever
from tests.gateway.scripted import Scripted
sys.exit(serve_forever(stdin_token="--token-stdin" in sys.argv, provider=lambda: Scripted("hi")))
"""


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def connects(url: str, token: str) -> bool:
    async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}):
        return True


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:80", ("::1", 80)), ("a:65535", ("a", 65535))],
)
def test_listen(text: str, parsed: tuple[str, int]) -> None:
    assert parse_listen(text) == parsed


@pytest.mark.parametrize("text", ["", "80", ":80", "a:", "a:b", "a:65536", "a:-1"])
def test_a_wrong_listen_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="--listen"):
        parse_listen(text)


def test_a_token_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-token-that-is-long\nnotes\n", "utf-8")
    file.chmod(0o600)
    assert read_token(file) == "a-token-that-is-long"
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_token(file)
    file.write_text("short", "utf-8")
    with pytest.raises(SettingsError, match="16"):
        read_token(file)


def test_beyond_this_machine_it_warns_and_forgets_the_makers_variables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve_forever("0.0.0.0", port, token="t", provider=Scripted) == 2
    assert "outside this machine" in capsys.readouterr().err
    assert "OPENAI_API_KEY" not in os.environ


def test_wrong_use_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--listen", "nowhere"]) == 2
    assert main(["--provider", "unheard-of"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_started_by_hand_it_makes_up_a_token_and_prints_it() -> None:
    with started() as process:
        assert process.stdout is not None
        announced = json.loads(process.stdout.readline())
        assert asyncio.run(connects(announced["url"], announced["token"]))
        process.terminate()


def test_it_ends_when_its_input_ends_and_never_prints_the_token() -> None:
    with started("--token-stdin") as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("the-token\n")
        process.stdin.flush()
        announced = json.loads(process.stdout.readline())
        assert set(announced) == {"url"}
        assert asyncio.run(connects(announced["url"], "the-token"))
        process.stdin.close()
        assert process.wait(timeout=20) == 0
        assert process.stdout.read() == ""


def test_it_ends_when_its_input_ends_before_the_token() -> None:
    with started("--token-stdin") as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_an_address_in_use_is_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = serve_forever(port=port, token="t", provider=lambda: Scripted())
    assert code == 2
    why = os.strerror(errno.EADDRINUSE)
    assert capsys.readouterr().err == f"Can't listen on 127.0.0.1:{port}: {why}.\n"


def test_the_process_loads_nothing_heavy() -> None:
    script = (
        "import sys, lsp_server.gateway.process; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"pygls", "lsprotocol", "openai", "tree_sitter", "rich", "rapidfuzz", "difflib"}
    assert not heavy & set(done.stdout.split())
