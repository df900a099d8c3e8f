"""A port of this machine can be reached by every web page and every program: none gets in."""

import contextlib
import http.server
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import midstream
from tests.support.editors import REQUIRED, required
from tests.support.listeners import PATIENCE, Behind, behind, drained, frame, messages

PORT = ("--tcp", "127.0.0.1:0")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Behind]:
    """A server behind a port, with a token of its own making."""
    with behind(tmp_path, *PORT) as started:
        yield started


def test_who_has_the_token_is_believed(server: Behind) -> None:
    """The other tests would prove nothing if these bytes could not run a program."""
    with server.connect() as client:
        client.sendall(server.frames(server.said["token"]))
        until = time.monotonic() + PATIENCE
        while not server.marker.exists():
            assert time.monotonic() < until
            time.sleep(0.02)


def http_request(body: bytes, *headers: str, line: str = "POST / HTTP/1.1") -> bytes:
    """What a browser sends, to the letter."""
    usual = (
        line,
        "Host: 127.0.0.1:7777",
        "Connection: keep-alive",
        "Origin: https://page.example",
        "User-Agent: Mozilla/5.0",
        *headers,
    )
    return "\r\n".join((*usual, "", "")).encode() + body


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def foreign(body: bytes) -> dict[str, bytes]:
    """Everything that a page, or a program that speaks another protocol, can send."""
    length = f"Content-Length: {len(body)}"
    post = http_request(body, length, "Content-Type: text/plain;charset=UTF-8")
    lower = http_request(body, length.lower(), line="POST /Content-Length: HTTP/1.1")
    form = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + body + b"\r\n--x--\r\n"
    pieces = chunked(body, 40)
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + "a" * 22)
    return {
        "fetch": post,
        "fetch in chunks": http_request(pieces, "Transfer-Encoding: chunked"),
        "a header in lower case": lower,
        "the length comes first": http_request(body, line=f"{length}\r\nPOST / HTTP/1.1"),
        "a form": http_request(form, "Content-Type: multipart/form-data; boundary=x"),
        "a plain form": http_request(b"a=" + body, length, "Content-Type: text/plain"),
        "get": http_request(body, line="GET /?Content-Length:%20100 HTTP/1.1"),
        "a line before": b"\r\n" + body,
        "http 0.9": b"GET /\r\n" + body,
        "a method like a header": b"Content-Length / HTTP/1.1\r\n\r\n" + body,
        "connect": b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n" + body,
        "websocket": http_request(b"", *upgrade, line="GET / HTTP/1.1") + body,
        "http/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + body,
        "tls": bytes.fromhex("16030100f8010000f40303") + bytes(32) + body,
        "socks": b"\x05\x01\x00" + body,
        "a proxy's line": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + body,
        "redis": b"*1\r\n$4\r\nPING\r\n" + body,
        "another header": b"X-Other: 1\r\n" + body,
        "an old line end": body.replace(b"\r\n\r\n", b"\n\n", 1),
        "two lengths": b"Content-Length: 2\r\n" + body,
        "a negative length": b"Content-Length: -2\r\n\r\n{}" + body,
        "a length in hex": b"Content-Length: 0x2\r\n\r\n{}" + body,
        "no length": b"Content-Type: application/vscode-jsonrpc\r\n\r\n" + body,
        "an endless header": b"Content-Type: " + b"x" * 100_000 + b"\r\n" + body,
        "a length of a gigabyte": b"Content-Length: 999999999\r\n\r\n" + body,
        "rubbish": b"Content-Length: 3\r\n\r\n{]}" + body,
        "an empty message": b"Content-Length: 0\r\n\r\n" + body,
    }


def test_no_other_protocol_gets_in(server: Behind) -> None:
    for name, data in foreign(server.frames()).items():
        said = server.said_to(data)
        # What is no clean header is not even answered; a clean message is, with a refusal.
        assert all("error" in answer for answer in messages(said)), name
    for name, data in foreign(server.frames(server.said["token"])).items():
        assert all("error" in answer for answer in messages(server.said_to(data))), name
    assert server.serves(server.said["token"]) == [1, 2]
    assert not server.marker.exists()


def test_a_request_in_pieces_ends_at_its_first_byte(server: Behind) -> None:
    with server.connect() as client:
        client.sendall(b"P")
        assert drained(client) == b""
    with server.connect() as client:
        client.sendall(b"C")
        client.sendall(b"onO")
        assert drained(client) == b""
    assert server.serves(server.said["token"]) == [1, 2]


def test_a_first_message_that_proves_nothing_is_answered_with_the_reason(server: Behind) -> None:
    token = server.said["token"]
    wrong: list[object] = [None, "", token[:-1], token + "x", token.upper(), [token], {"a": token}]
    wrong += [True, 1, "ö", "\ud800"]
    for given in wrong:
        (answer,) = messages(server.said_to(frame(server.first(given)) + server.frames(token)))
        assert answer["id"] == 1
        assert answer["error"]["code"] == -32803
        assert "initializationOptions.token" in answer["error"]["message"]
        assert token not in answer["error"]["message"]
    others: list[object] = [
        {"jsonrpc": "2.0", "id": 7, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": 7, "method": "midstream/keys", "params": {"theirs": token}},
        {"jsonrpc": "2.0", "method": "exit"},
        {**server.first(token), "id": None},
        [server.first(token)],
        "initialize",
        None,
    ]
    for message in others:
        (answer,) = messages(server.said_to(frame(message) + server.frames(token)))
        assert answer["error"]["code"] == -32002
    assert server.serves(token) == [1, 2]
    assert not server.marker.exists()


def test_silent_ones_do_not_keep_the_editor_out(server: Behind) -> None:
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(server.connect()) for _ in range(60)]
        for client in idle[::2]:
            client.sendall(b"Content-Le")
        assert server.serves(server.said["token"]) == [1, 2]


def test_who_proves_nothing_in_time_is_hung_up_on(server: Behind) -> None:
    with server.connect() as client:
        client.sendall(b"Content-Length: 9\r\n")
        assert drained(client) == b""  # The bound is ten seconds; the patience is more.
    assert server.serves(server.said["token"]) == [1, 2]


def test_nothing_after_the_first_client_and_no_way_back_after_rubbish(server: Behind) -> None:
    with server.connect() as client:
        client.sendall(frame(server.first(server.said["token"])))
        assert client.recv(65536).startswith(b"Content-Length: ")
        assert server.said_to(server.frames(server.said["token"])) == b""
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        client.sendall(frame({"jsonrpc": "2.0", "id": 5, "method": "midstream.status"}))
        rest = drained(client)
        assert b'"id":5' not in rest
        assert b"aren't a message of an editor" in rest
    assert server.process.wait(PATIENCE) == 1


def test_the_token_is_in_no_recording_and_no_setting(tmp_path: Path) -> None:
    token = "a-token-of-the-user's-own"
    file = tmp_path / "token"
    file.write_text(f"{token}\n", "utf-8")
    file.chmod(0o600)
    words = ("--token-file", str(file), "--record", str(tmp_path / "record"))
    with behind(tmp_path, *PORT, *words, extra={"MIDSTREAM_LOG": "debug"}) as server:
        assert "token" not in server.said
        with server.connect() as client:
            client.sendall(server.frames(token))
            client.sendall(frame({"jsonrpc": "2.0", "id": 2, "method": "shutdown"}))
            client.sendall(frame({"jsonrpc": "2.0", "method": "exit"}))
            told = drained(client)
        _, log = server.process.communicate(timeout=PATIENCE)
    assert b"`token`" not in told  # No setting is called so; it would be told.
    assert b'"id":2' in told
    assert token not in (tmp_path / "record").read_text("utf-8")
    assert token not in log


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "token"
    file.write_text("a-token-of-the-user's-own\n", "utf-8")
    file.chmod(mode)
    done = midstream(tmp_path, "serve", *PORT, "--token-file", str(file))
    assert done.returncode == 2
    assert "chmod 600" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "0", "0x0", "192.0.2.1", "[2001:db8::1]"])
def test_beyond_this_machine_it_must_be_asked_for(tmp_path: Path, host: str) -> None:
    done = midstream(tmp_path, "serve", "--tcp", f"{host}:0")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--allow-remote" in done.stderr
    assert "unencrypted" in done.stderr
    assert done.stderr.count("\n") == 1


def test_beyond_this_machine_it_says_what_it_means(tmp_path: Path) -> None:
    with behind(tmp_path, "--tcp", "0.0.0.0:0", "--allow-remote") as server:
        (answer,) = messages(server.said_to(server.frames()))
        assert answer["error"]["code"] == -32803
        assert server.serves(server.said["token"]) == [1, 2]
        _, log = server.process.communicate(timeout=PATIENCE)
    assert "unencrypted" in log
    assert not server.marker.exists()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "127.1"])
def test_every_name_of_this_machine_will_do(tmp_path: Path, host: str) -> None:
    with (
        behind(tmp_path, "--tcp", f"{host}:0") as server,
        socket.create_connection((host, server.port), PATIENCE) as client,
    ):
        client.sendall(frame(server.first(server.said["token"])))
        assert client.recv(1) == b"C"


@pytest.mark.parametrize(
    "words",
    [
        ("--token-file", "x"),
        ("--allow-remote",),
        ("--socket", "x", "--allow-remote"),
        ("--stdio", "--token-file", "x"),
    ],
)
def test_what_needs_a_port_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = midstream(tmp_path, "serve", *words)
    assert done.returncode == 2
    assert "needs --tcp" in done.stderr


# -- a real browser --------------------------------------------------------------------------------

_PAGE = """<!doctype html><title>page</title><script>
const target = "127.0.0.1:%(port)d", body = %(body)s;
const tries = [
  () => fetch("http://" + target, {method: "POST", mode: "no-cors", body}),
  () => fetch("http://" + target, {method: "POST", mode: "no-cors", body: new Blob([body])}),
  () => fetch("http://" + target + "/x", {mode: "no-cors", credentials: "include"}),
  () => navigator.sendBeacon("http://" + target, body),
  () => new Promise(done => {
    const socket = new WebSocket("ws://" + target);
    socket.onopen = () => socket.send(body);
    socket.onclose = done;
  }),
  () => new Promise(done => {
    const request = new XMLHttpRequest();
    request.onloadend = done;
    request.open("POST", "http://" + target);
    request.send(body);
  }),
  () => new Promise(done => {
    const frame = document.createElement("iframe"), form = document.createElement("form");
    frame.name = form.target = "there";
    frame.onload = () => form.submitted && done();
    document.body.append(frame, form);
    Object.assign(form, {method: "post", enctype: "text/plain", action: "http://" + target});
    form.append(Object.assign(document.createElement("textarea"), {name: body, value: body}));
    form.submit();
    form.submitted = true;
    setTimeout(done, 1500);
  }),
];
onload = async () => {
  for (const attack of tries) { try { await attack(); } catch {} }
  await fetch("/done");
};
</script>"""


@pytest.fixture
def browser() -> str:
    """Chromium, where it is on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = "Chromium is not here: install your system's package `chromium`"
        if required():
            pytest.fail(f"{reason}; {REQUIRED} asks for it")
        pytest.skip(reason)
    return found


def test_a_page_in_a_real_browser_runs_nothing(
    browser: str, server: Behind, tmp_path: Path
) -> None:
    done = threading.Event()
    body = server.frames().decode()
    page = (_PAGE % {"port": server.port, "body": json.dumps(body)}).encode()

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)
            if self.path == "/done":
                done.set()

        def log_message(self, format: str, *args: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        chromium = subprocess.Popen(
            [
                browser,
                *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
                *("--disable-background-networking", f"--user-data-dir={tmp_path / 'browser'}"),
                f"http://localhost:{site.server_port}/",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert done.wait(2 * PATIENCE)
            assert server.serves(server.said["token"]) == [1, 2]  # While the page is still there.
            _, log = server.process.communicate(timeout=PATIENCE)
        finally:
            chromium.kill()
            chromium.wait()
            site.shutdown()
    assert "A client was refused" in log  # It did knock.
    assert not server.marker.exists()
