"""Real processes: pipes, files and sockets, good manners and bad ones."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.echo_server import TOKEN
from tests.support.listeners import frame as framed
from tests.support.listeners import messages as parsed
from tests.support.raw_client import PATIENCE, Failed, Manner, RawClient

ECHO = [sys.executable, "-m", "tests.support.echo_server"]
URI = "file:///a.txt"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


@pytest.mark.parametrize("manner", [Manner.CHANGE_FIRST, Manner.ANSWER_FIRST])
def test_an_edit_goes_out_and_comes_back(manner: Manner) -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        client.manner = manner
        client.open(URI, "a𝄞\r\nb\n")
        client.command("echo.edit", {"uri": URI, "text": "𝄞x\n"})
        client.wait_for(lambda: client.received("echo/changed"))
        client.wait_for(lambda: client.received("echo/outcome"))
        assert client.text(URI) == "𝄞x\na𝄞\r\nb\n"
        client.type(URI, 1, 5, "")
        answer = client.request("echo/text", {"uri": URI})
        assert (
            answer
            == {"version": 3, "text": "𝄞\r\nb\n"}
            == {
                "version": client.documents[URI].version,
                "text": client.text(URI),
            }
        )
        assert client.finish() == 0


@pytest.mark.parametrize(
    ("manner", "outcome"),
    [
        (Manner.REFUSE, {"applied": False, "reason": None, "error": False}),
        (Manner.REFUSE_NULL, {"applied": None, "reason": None, "error": False}),
        (
            Manner.REFUSE_ERROR,
            {"applied": None, "reason": "Edits require version 2, you have 1", "error": True},
        ),
        (Manner.LIE, {"applied": True, "reason": None, "error": False}),
    ],
)
def test_every_way_to_refuse_is_reported(manner: Manner, outcome: dict[str, Any]) -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        client.manner = manner
        client.open(URI, "abc")
        client.command("echo.edit", {"uri": URI, "text": "x"})
        client.wait_for(lambda: client.received("echo/outcome"))
        assert client.received("echo/outcome") == [outcome]
        assert client.text(URI) == "abc"


def test_rubbish_is_answered_and_the_next_message_found() -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        client.send_bytes(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.request("echo/echo", 1) == 1
        client.send_bytes(b"Content-Length: 3\r\n\r\n{]}")
        assert client.request("echo/echo", 2) == 2
        client.send_bytes(b"Content-Length: 4\r\n\r\n\xff\xfe{}")
        assert client.request("echo/echo", 3) == 3
        client.send_bytes(b'content-length: 41\r\n\r\n{"id":77,"method":"echo/echo","params":4}')
        assert client.answer_to(77) == 4
        too_short = framed({"id": 78, "method": "echo/echo"}).replace(b"Length: ", b"Length: 1", 1)
        client.send_bytes(b"Content-Length: 5\r\n\r\n" + too_short.partition(b"\r\n\r\n")[2])
        assert client.request("echo/echo", 5) == 5
        errors = [m["error"]["code"] for m in client.messages if "error" in m]
        assert errors == [-32700] * 4


def test_a_length_that_is_too_large_does_not_swallow_the_next_message() -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        one, other = (framed({"id": i, "method": "echo/echo", "params": i}) for i in (61, 62))
        body = one.partition(b"\r\n\r\n")[2]
        client.send_bytes(b"Content-Length: %d\r\n\r\n%b%b" % (len(body) + 30, body, other))
        assert client.answer_to(61) == 61
        assert client.answer_to(62) == 62


def test_pieces_of_any_size() -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        for byte in framed({"id": 50, "method": "echo/echo", "params": "𝄞"}):
            client.send_bytes(bytes([byte]))
        assert client.answer_to(50) == "𝄞"
        large = "x" * 5_000_000
        assert client.request("echo/echo", large) == large


def test_an_error_is_one_of_the_protocol() -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        with pytest.raises(Failed, match="no such") as caught:
            client.request("no such")
        assert caught.value.code == -32601


def test_a_stray_print_does_not_get_between_the_messages() -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        assert client.command("echo.print") == {}
        assert client.request("echo/echo", 1) == 1


def test_how_it_ends() -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 1
    with RawClient.start(ECHO) as client:
        client.initialize()
        assert client.close_input() == 1
    with RawClient.start(ECHO) as client:
        client.initialize()
        client.request("shutdown")
        assert client.close_input() == 0


def test_it_ends_although_a_request_and_an_edit_are_open() -> None:
    with RawClient.start(ECHO) as client:
        client.initialize()
        client.manner = Manner.SILENT
        client.open(URI, "")
        client.command("echo.edit", {"uri": URI, "text": "x"})
        client.send_request("echo/wait")
        client.wait_for(lambda: client.received("echo/waiting"))
        assert client.finish() == 0


def test_regular_files_work_as_well_as_pipes(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(
        framed(
            INITIALIZE,
            {"id": 2, "method": "echo/echo", "params": "x"},
            {"id": 3, "method": "shutdown"},
            {"method": "exit"},
        )
    )
    with (tmp_path / "in").open("rb") as source, (tmp_path / "out").open("wb") as target:
        done = subprocess.run(
            ECHO, stdin=source, stdout=target, stderr=subprocess.PIPE, timeout=PATIENCE, check=False
        )
    assert done.returncode == 0
    assert done.stderr == b"put away" + os.linesep.encode()
    answers = parsed((tmp_path / "out").read_bytes())
    assert [answer["id"] for answer in answers] == [1, 2, 3]


def test_everything_that_was_said_arrives_before_the_end() -> None:
    large = "x" * 3_000_000
    process = subprocess.Popen(ECHO, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    output, _ = process.communicate(
        framed(INITIALIZE, {"id": 2, "method": "echo/echo", "params": large}, {"method": "exit"}),
        timeout=PATIENCE,
    )
    assert parsed(output)[-1]["result"] == large
    assert process.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
def test_one_socket_for_both_ways() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(ECHO, stdin=theirs.fileno(), stdout=theirs.fileno())
        theirs.close()
        ours.sendall(framed(INITIALIZE, {"id": 2, "method": "echo/echo", "params": "x"}))
        ours.sendall(framed({"id": 3, "method": "shutdown"}, {"method": "exit"}))
        ours.settimeout(PATIENCE)
        output = b""
        while data := ours.recv(65536):
            output += data
        assert [answer["id"] for answer in parsed(output)] == [1, 2, 3]
        assert process.wait(PATIENCE) == 0


PROVEN = {
    **INITIALIZE,
    "params": {
        "processId": None,
        "rootUri": None,
        "capabilities": {},
        "initializationOptions": {"token": TOKEN},
    },
}


def test_tcp_serves_the_first_that_proves_itself_and_no_other() -> None:
    process = subprocess.Popen([*ECHO, "--tcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    with process.stdout:
        address = ("127.0.0.1", int(process.stdout.readline()))
        socket.create_connection(address, PATIENCE).close()
        with (
            socket.create_connection(address, PATIENCE) as silent,
            socket.create_connection(address, PATIENCE) as first,
        ):
            first.sendall(framed(PROVEN, {"id": 2, "method": "shutdown"}))
            assert silent.recv(1) == b""
            with socket.create_connection(address, PATIENCE) as late:
                assert late.recv(1) == b""
            first.sendall(framed({"method": "exit"}))
            output = b""
            while data := first.recv(65536):
                output += data
            assert [answer["id"] for answer in parsed(output)] == [1, 2]
        assert process.wait(PATIENCE) == 0


def test_tcp_ends_with_its_client() -> None:
    process = subprocess.Popen([*ECHO, "--tcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    with process.stdout:
        address = ("127.0.0.1", int(process.stdout.readline()))
        with socket.create_connection(address, PATIENCE) as client:
            client.sendall(framed(PROVEN))
            assert client.recv(1) == b"C"
        assert process.wait(PATIENCE) == 1
