"""Listens for a client that did not start this process: on a Unix socket or a TCP port.

Opens the sockets and decides who may connect; does not look into messages. What cannot be opened
safely is not opened: a socket belongs to its user alone from the first moment, and a port beyond
this machine must be asked for.
"""

import errno
import os
import socket
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

from lsp_server.addresses import is_loopback
from lsp_server.errors import SettingsError

BEYOND = (
    "it listens outside this machine, unencrypted. Anyone who sees the connection reads "
    "your code. Anyone with the token reads and writes your open files and can run "
    "programs as you (`apiKeyCommand`)."
)
_BACKLOG = 16
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_USER_ONLY = 0o177
"""The mode bits that a new socket must not have, which leaves 0600."""


@dataclass(slots=True)
class ClientListener:
    """Listening sockets. Keeps its token out of `repr`.

    `place` is their address. With a `token`, each client must send it. Without one, they are a Unix
    socket, whose clients the system knows.
    """

    sockets: tuple[socket.socket, ...]
    place: str
    token: str | None = None
    path: Path | None = None
    remote: bool = False
    """Whether other machines can reach it."""
    _made: tuple[int, int] | None = None

    def __repr__(self) -> str:
        return f"Door({self.place!r})"

    def admits(self, client: socket.socket) -> bool:
        """Whether a connected client may try to authenticate.

        Through a Unix socket only this user may. If the system does not tell who connected, the
        modes of the socket and its folder keep others out.
        """
        if self.path is None or not hasattr(socket, "SO_PEERCRED"):
            return True
        credentials = struct.Struct("iII")
        packed = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
        _, user, _ = credentials.unpack(packed)
        return bool(user == os.geteuid())

    def close(self) -> None:
        """Stop listening. Removes the file of a Unix socket if it is still the one that was
        created."""
        for listening in self.sockets:
            listening.close()
        if self.path is not None and self._made == _identity(self.path):
            self.path.unlink(missing_ok=True)


# -- a port ------------------------------------------------------------------------------------


def open_port(host: str, port: int, token: str, *, remote: bool = False) -> ClientListener:
    """Listen on a port of this machine; with `remote` also for other machines. Raises
    `SettingsError`.

    Every address that a name stands for is checked and used; the name is not resolved again.
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    addresses = _addresses(host, port, where)
    beyond = not all(is_loopback(address) for _, address in addresses)
    if beyond and not remote:
        raise SettingsError(
            f"--tcp {where} needs --allow-remote: {BEYOND} To reach it from elsewhere, listen on "
            "127.0.0.1 and use `ssh -L`."
        )
    listening: list[socket.socket] = []
    fault: OSError | OverflowError | None = None
    for family, address in addresses:
        if listening and port == 0:
            break  # The system would choose another port for each.
        try:
            listening.append(_bound(family, address, port))
        except (OSError, OverflowError) as error:
            fault = error
            if getattr(error, "errno", None) not in _NOT_HERE:
                break
    else:
        fault = None if listening else fault
    if fault is not None:
        for one in listening:
            one.close()
        why = getattr(fault, "strerror", None) or str(fault)
        raise SettingsError(f"Can't listen on {where}: {why}.")
    chosen = listening[0].getsockname()[1]
    return ClientListener(
        tuple(listening), f"{where.rpartition(':')[0]}:{chosen}", token, remote=beyond
    )


def _addresses(host: str, port: int, where: str) -> list[tuple[int, str]]:
    """The family and address of everything that a host name stands for."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that isn't a host name"
        raise SettingsError(f"Can't listen on {where}: {why}.") from None
    return list(dict.fromkeys((int(family), str(place[0])) for family, *_, place in found))


def _bound(family: int, address: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(_BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


# -- a Unix socket -----------------------------------------------------------------------------


def open_socket(place: str) -> ClientListener:
    """Listen on a Unix socket with mode 0600. Raises `SettingsError`.

    Replaces a socket that nobody listens on any more. Nothing else at that path is touched.
    """
    if os.name != "posix" or not hasattr(socket, "AF_UNIX"):
        raise SettingsError("--socket: this system has no Unix sockets; use --stdio or --tcp.")
    path = Path(place).absolute() if place else None
    if path is None or not path.name or "\0" in place:
        raise SettingsError("--socket needs the path of the file to create.")
    _refuse_folder(path.parent)
    _remove_stale(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(_USER_ONLY)
    try:
        made.bind(str(path))
        made.listen(_BACKLOG)
    except (OSError, ValueError) as error:
        made.close()
        why = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"--socket: can't listen on {path}: {why}.") from None
    finally:
        os.umask(before)
    return ClientListener((made,), str(path), path=path, _made=_identity(path))


def _refuse_folder(folder: Path) -> None:
    """Raises `SettingsError` if others could replace our socket with theirs: the editor would then
    talk to them."""
    try:
        real = folder.resolve(strict=True)
        states = [(at, at.stat()) for at in (real, *real.parents)]
    except (OSError, RuntimeError):
        raise SettingsError(f"--socket: there is no folder {folder}. Create it first.") from None
    if not stat.S_ISDIR(states[0][1].st_mode):
        raise SettingsError(f"--socket: {folder} isn't a folder.")
    for at, state in states:
        shared = state.st_mode & 0o022 and not state.st_mode & stat.S_ISVTX
        foreign = at == real and state.st_uid not in (0, os.geteuid())
        if shared or foreign:
            raise SettingsError(
                f"--socket: other users can change the folder {at}. Use one of your own "
                "(`chmod go-w`)."
            )


def _remove_stale(path: Path) -> None:
    """Remove what is at `path` if it is a socket of this user that nobody listens on."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise SettingsError(f"--socket: can't use {path}: {error.strerror}.") from None
    if not stat.S_ISSOCK(state.st_mode):
        raise SettingsError(f"--socket: {path} exists and isn't a socket. Use another path.")
    if state.st_uid != os.geteuid():
        raise SettingsError(f"--socket: {path} is another user's socket. Use another path.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        fault = probe.connect_ex(str(path))
    if fault not in (errno.ECONNREFUSED, errno.ENOENT):
        raise SettingsError(
            f"--socket: another program listens on {path}. Stop it, or use another path."
        )
    path.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.lstat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
