"""What is read, what is not, and when it is read again."""

import os
from pathlib import Path

import pytest

from lsp_server.ignore.bounded_files import FileCache
from lsp_server.ignore.unreadable import Unreadable


class Counted:
    """A parser that counts how often it is needed."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, data: bytes) -> bytes:
        self.times += 1
        if data == b"bad":
            raise Unreadable("is bad", "fix it")
        return data.upper()


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path, parse = tmp_path / "a", Counted()
    file_cache = FileCache(parse)
    assert file_cache.read(str(path)) is None
    path.write_bytes(b"one")
    assert [file_cache.read(str(path)) for _ in range(3)] == [b"ONE"] * 3
    assert parse.times == 1
    # The same size, in the same instant: no time of the file tells that it has changed.
    before = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file_cache.read(str(path)) == b"TWO"
    path.unlink()
    assert file_cache.read(str(path)) is None


def test_what_is_wrong_is_remembered_too_and_names_the_file(tmp_path: Path) -> None:
    path, parse = tmp_path / "a", Counted()
    file_cache = FileCache(parse)
    path.write_bytes(b"bad")
    for _ in range(2):
        with pytest.raises(Unreadable) as caught:
            file_cache.read(str(path))
        assert caught.value.path == str(path)
    assert parse.times == 1
    path.write_bytes(b"good")
    assert file_cache.read(str(path)) == b"GOOD"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "dangling", "circle", "large"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "dangling":
            path.symlink_to("gone")
        case "circle":
            path.symlink_to("a")
        case _:
            path.write_bytes(b"x" * 11)
    with pytest.raises(Unreadable):
        FileCache(bytes, most_bytes=10).read(str(path))


def test_the_null_device_is_an_empty_file(tmp_path: Path) -> None:
    assert FileCache(bytes).read(os.devnull) == b""
    (tmp_path / "a").symlink_to(os.devnull)
    assert FileCache(bytes).read(str(tmp_path / "a")) == b""


def test_the_shelf_does_not_grow_without_end(tmp_path: Path) -> None:
    file_cache = FileCache(bytes)
    for number in range(700):
        (tmp_path / str(number)).write_bytes(b"x")
        file_cache.read(str(tmp_path / str(number)))
    assert len(file_cache._known) < 600
