"""A Unix socket is for its user alone, and is put only where nobody else can change it."""

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server.errors import SettingsError
from lsp_server.lsp.listeners import open_socket
from tests.cli.program import midstream
from tests.support.listeners import PATIENCE, Behind, behind, drained, frame, messages, other_user

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such sockets")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Behind]:
    """A server behind a socket in the home folder, named by a relative path."""
    with behind(tmp_path, "--socket", "door") as started:
        yield started


def test_it_needs_no_token_and_leaves_nothing(server: Behind, tmp_path: Path) -> None:
    path = tmp_path / "door"
    assert server.said == {"socket": str(path)}
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    assert server.serves(None) == [1, 2]
    assert not path.exists()


def test_a_token_in_the_settings_does_no_harm(server: Behind) -> None:
    with server.connect() as client:
        client.sendall(frame(server.first("left over"), {"id": 2, "method": "shutdown"}))
        client.sendall(frame({"method": "exit"}))
        assert b"`token`" not in drained(client)


def test_the_first_message_is_initialize_here_too(server: Behind) -> None:
    (answer,) = messages(server.said_to(frame({"jsonrpc": "2.0", "id": 3, "method": "shutdown"})))
    assert answer["error"]["code"] == -32002
    assert server.said_to(b"POST / HTTP/1.1\r\n\r\n" + server.frames()) == b""
    assert not server.marker.exists()
    assert server.serves(None) == [1, 2]


def test_one_client_only(server: Behind) -> None:
    with server.connect() as client:
        client.sendall(frame(server.first()))
        assert client.recv(1) == b"C"
        assert server.said_to(server.frames()) == b""


_KNOCK = """
import os, socket, sys
os.setgroups([]); os.setgid({user}); os.setuid({user})
client = socket.socket(socket.AF_UNIX)
try:
    client.connect({path!r})
except PermissionError:
    print("kept out")
    sys.exit()
try:
    client.sendall({data!r})
    print(client.recv(1000))
except ConnectionError:  # They hang up on what has not been read.
    print(b"")
"""


def as_other(path: Path, data: bytes) -> str:
    """The answer that another user of this machine gets there."""
    user = other_user()
    assert user is not None
    code = _KNOCK.format(user=user, path=str(path), data=data)
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, encoding="utf-8", timeout=PATIENCE
    )
    return done.stdout.strip() or done.stderr


needs_root = pytest.mark.skipif(other_user() is None, reason="only root can be another user")


@needs_root
def test_another_user_is_kept_out_by_its_mode(server: Behind, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
        if folder.name.startswith("pytest-of"):
            break
    assert as_other(tmp_path / "door", server.frames()) == "kept out"
    # And if the mode were wrong, the system still tells who it is.
    (tmp_path / "door").chmod(0o666)
    assert as_other(tmp_path / "door", server.frames()) in ("b''", "kept out")
    (tmp_path / "door").chmod(0o600)
    assert not server.marker.exists()
    assert server.serves(None) == [1, 2]


def test_a_client_of_another_user_is_not_admitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = open_socket(str(tmp_path / "door"))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(door.place)
        taken, _ = door.sockets[0].accept()
        with taken:
            assert door.admits(taken)
            us = os.geteuid()
            monkeypatch.setattr(os, "geteuid", lambda: us + 1)
            assert door.admits(taken) is not hasattr(socket, "SO_PEERCRED")
    door.close()


def test_it_is_never_open_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even between its making and the setting of its mode: it is made with it."""
    seen: list[int] = []
    real = socket.socket.listen

    def listen(self: socket.socket, backlog: int) -> None:
        seen.append(stat.S_IMODE((tmp_path / "door").lstat().st_mode))
        real(self, backlog)

    monkeypatch.setattr(socket.socket, "listen", listen)
    before = os.umask(0)
    try:
        open_socket(str(tmp_path / "door")).close()
        assert os.umask(0) == 0, "the umask of the process is as it was"
    finally:
        os.umask(before)
    assert seen == [0o600]


# -- what stands there already ---------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        open_socket(str(path)).close()
    return str(caught.value)


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    file, folder, link, dangling = (
        tmp_path / name for name in ("file", "folder", "link", "dangling")
    )
    file.write_text("precious")
    folder.mkdir()
    link.symlink_to(file)
    dangling.symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    for path in (file, folder, link, dangling, tmp_path / "pipe"):
        assert "isn't a socket" in refused(path)
    assert file.read_text() == "precious"
    assert dangling.is_symlink()
    done = midstream(tmp_path, "serve", "--socket", "file")
    assert (done.returncode, done.stdout) == (2, "")
    assert "isn't a socket" in done.stderr


def test_a_stale_socket_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "door"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    assert path.exists()
    door = open_socket(str(path))
    assert "another program listens" in refused(path)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))  # It is as it was.
    door.close()
    assert not path.exists()


def test_a_killed_server_does_not_stand_in_the_way(tmp_path: Path) -> None:
    with behind(tmp_path, "--socket", "door") as first:
        first.process.kill()
        first.process.wait()
        assert (tmp_path / "door").exists()
    with behind(tmp_path, "--socket", "door") as second:
        assert second.serves(None) == [1, 2]


def test_the_file_goes_with_sigterm_too(server: Behind, tmp_path: Path) -> None:
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 1
    assert not (tmp_path / "door").exists()


def test_another_socket_at_its_place_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "door"
    door = open_socket(str(path))
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        door.close()
        assert path.exists()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_change_is_refused(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "shared"
    inner = folder / "inner"
    inner.mkdir(parents=True)
    folder.chmod(mode)
    for path in (folder / "door", inner / "door"):
        if mode & 0o022:
            assert "other users can change the folder" in refused(path)
    link = tmp_path / "link"
    link.symlink_to(inner)
    assert "other users can change the folder" in refused(link / "door")
    folder.chmod(0o1777)  # As /tmp: nobody can take away what is another's.
    open_socket(str(folder / "door")).close()


@needs_root
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    user = other_user()
    assert user is not None
    os.chown(folder, user, user)
    assert "other users can change the folder" in refused(folder / "door")


@pytest.mark.parametrize("place", ["", "no/such/folder/door", "x" * 300, "a\0b", "/"])
def test_a_place_that_cannot_be_is_reported(place: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--socket"):
        open_socket(place if not place or place[0] == "/" else f"{tmp_path}/{place}")


def test_many_at_once_and_one_comes_in(server: Behind) -> None:
    answered: list[bytes] = []

    def knock() -> None:
        with server.connect() as client:
            try:
                client.sendall(frame(server.first()))
                answered.append(client.recv(1))
            except ConnectionError:
                answered.append(b"")

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(answered) == [b""] * 7 + [b"C"]
