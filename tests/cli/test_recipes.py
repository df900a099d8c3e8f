"""`midstream recipes`."""

import pytest

from lsp_server.cli.main import main
from lsp_server.practice import RECIPES


def test_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes"]) == 0
    said = capsys.readouterr().out
    assert all(f'"{r.example}"' in said and r.summary in said for r in RECIPES)
