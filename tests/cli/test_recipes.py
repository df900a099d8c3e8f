"""`midstream recipes`."""

import pytest

from lsp_server.cli.main import main
from lsp_server.practice import RECIPES


def test_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes"]) == 0
    output = capsys.readouterr().out
    assert all(f'"{r.example}"' in output and r.summary in output for r in RECIPES)
