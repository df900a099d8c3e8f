"""Reading and writing files, byte for byte."""

import os
import stat
import sys
from pathlib import Path

import pytest

from lsp_server.cli.sourcefile import SourceFile, WriteError
from lsp_server.errors import SettingsError


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"a\r\nb\r\n",
        b"a\rb\nc\r\nd",
        b"\xef\xbb\xbfx = 1\r\n",
        "ü\f\u2028 \U0001f600\n\n".encode(),
    ],
)
def test_what_is_not_touched_keeps_its_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    file = SourceFile.read(str(path))
    assert not file.text.startswith("\ufeff")
    assert file.write(file.text) is False
    assert file.write(file.text + "end\r") is True
    assert path.read_bytes() == data + b"end\r"
    assert [p.name for p in tmp_path.iterdir()] == ["a.py"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_the_mode_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    path.write_text("a\n")
    path.chmod(0o751)
    SourceFile.read(str(path)).write("b\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o751


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("a\n")
    link = tmp_path / "link.py"
    link.symlink_to("real.py")
    SourceFile.read(str(link)).write("b\n")
    assert link.is_symlink()
    assert (tmp_path / "real.py").read_text() == "b\n"


def test_a_file_that_somebody_else_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a\n")
    file = SourceFile.read(str(path))
    path.write_text("theirs\n")
    with pytest.raises(WriteError, match="Another program changed"):
        file.write("ours\n")
    assert path.read_text() == "theirs\n"


def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a\n")
    file = SourceFile.read(str(path))
    path.unlink()
    with pytest.raises(WriteError, match="is gone"):
        file.write("ours\n")
    assert not path.exists()


def test_when_replacing_fails_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text("a\n")
    file = SourceFile.read(str(path))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="can't be written: No space left on device"):
        file.write("b\n")
    assert path.read_text() == "a\n"
    assert len(list(tmp_path.iterdir())) == 1


def test_files_that_cannot_be_written_to_are_refused_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text("a\n")
    file = SourceFile.read(str(path))
    file.refuse_unwritable()
    monkeypatch.setattr(os, "access", lambda place, mode: place != file.path)
    with pytest.raises(SettingsError, match=r"a\.py` can't be written to"):
        file.refuse_unwritable()
    monkeypatch.setattr(os, "access", lambda place, mode: place == file.path)
    with pytest.raises(SettingsError, match="The folder of"):
        file.refuse_unwritable()


def test_what_is_no_text_file(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0")
    (tmp_path / "latin").write_bytes(b"one\ntwo \xe9\n")
    (tmp_path / "wide").write_bytes("x = 1".encode("utf-16"))
    for name, words in {
        "": "is a folder",
        "nowhere": "There is no file",
        "latin/x": "There is no file",
        "binary": "is a binary file",
        "latin": r"isn't in UTF-8 \(see line 2\)",
        "wide": "is a binary file",
        "with\0nought": "can't be read",
    }.items():
        with pytest.raises(SettingsError, match=words):
            SourceFile.read(str(tmp_path / name))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_even_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="isn't a regular file"):
        SourceFile.read(str(tmp_path / "pipe"))
