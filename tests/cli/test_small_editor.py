"""The minimal editor with a real server as its child process."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lsp_server.cli.server_process import ServerProcessError
from lsp_server.cli.small_editor import ENCODING, SmallEditor
from lsp_server.lsp import convert
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

_CODE = "# \U0001f600\r\ndef f():\r\n    tmp = 1\r\n    return tmp\r\n"


def _edit(uri: str, version: int, text: Text, *changes: Change) -> dict[str, Any]:
    edits = convert.text_edits(text, ChangeSet(len(text), changes), ENCODING)
    return {"edit": convert.workspace_edit(uri, version, edits)}


def test_a_session_from_edit_to_accept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    async def conversation() -> None:
        messages: list[str] = []
        editor = SmallEditor(messages.append)
        try:
            await editor.start(tmp_path, {"publsh": 1})
            buffer = editor.open(tmp_path / "a.py", _CODE)
            start = _CODE.index("def")
            with pytest.raises(ServerProcessError, match="`profile`"):
                await editor.edit(buffer, Span(start, start), "x", profile="nobody")
            session = await editor.edit(
                buffer, Span(start, start + 3), "rename tmp to total", scope="function"
            )
            assert session.kind == "function_definition"
            assert session.original == _CODE[start:].removesuffix("\r\n")
            assert not session.settled
            await editor.until(lambda: session.settled)
            assert await editor.sound(session)
            assert session.text == session.original.replace("tmp", "total")
            assert session.edits > 0
            await editor.accept(session)
            await editor.until(lambda: session.ended)
            assert session.ledger is not None
            assert buffer.text.text == _CODE.replace("tmp", "total")
            assert any("`publsh`" in sentence for sentence in messages)
        finally:
            await editor.aclose()

    asyncio.run(conversation())


def test_edits_are_applied_whole_and_only_to_their_version(tmp_path: Path) -> None:
    editor = SmallEditor()
    sent: list[tuple[str, Any]] = []

    class Wire:
        def notify(self, method: str, params: Any) -> None:
            sent.append((method, params))

    editor._server_process = Wire()  # type: ignore[assignment]
    buffer = editor.open(tmp_path / "a.py", "ab\U0001f600cd\n")
    other = (tmp_path / "b.py").as_uri()
    changes = (Change(1, 3, "X"), Change(5, 5, "!"))
    params = _edit(buffer.uri, 1, buffer.text, *changes)
    assert editor._on_request("workspace/applyEdit", params) == {"applied": True}
    assert (buffer.text.text, buffer.version, buffer.place) == ("aXcd!\n", 2, 5)
    method, params = sent[-1]
    assert method == "textDocument/didChange"
    changed, after = convert.changes_from(
        Text("ab\U0001f600cd\n"), params["contentChanges"], ENCODING
    )
    assert after.text == "aXcd!\n"
    assert len(changed) == 2
    for uri, version in ((buffer.uri, 1), (buffer.uri, 3), (other, 2)):
        refused = editor._on_request("workspace/applyEdit", _edit(uri, version, buffer.text))
        assert isinstance(refused, dict)
        assert refused["applied"] is False
    assert buffer.text.text == "aXcd!\n"
    assert editor._on_request("window/unheardOf", {}) is NotImplemented
