"""Whether a document may be sent, by its address."""

from pathlib import Path

import pytest

from lsp_server.errors import RequestFailed
from lsp_server.ignore import Ignore
from lsp_server.lsp.ignored import refusal_of


def test_every_path_that_an_address_may_mean_is_judged(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("secret\na#b\n")
    ignore = Ignore({"HOME": "/nowhere"})

    def refused(uri: str) -> bool:
        sentence = refusal_of(ignore, uri, [tmp_path], ())
        return sentence is not None and ".gitignore (line" in sentence

    base = tmp_path.as_uri()
    assert refused(f"{base}/secret")
    assert refused(f"{base}/a#b")
    assert refused(f"{base}/secret?x")
    assert refused(f"{base}/secret".replace("file://", "vscode-notebook-cell:"))
    assert not refused(f"{base}/a.py")
    assert not refused("untitled:secret")
    assert not refused("untitled:?secret")
    assert refused(f"jar:{base}/secret!/in.py")
    assert refused(f"zipfile:{base}/secret::in.py".replace("file:file:", "file:"))
    assert not refused(f"jar:{base}/a.zip!/in.py")


def test_an_address_that_cannot_be_read_stays_here(tmp_path: Path) -> None:
    with pytest.raises(RequestFailed, match="address of this file can't be read"):
        refusal_of(Ignore({"HOME": "/nowhere"}), "file://[/a.py", [tmp_path], ())
