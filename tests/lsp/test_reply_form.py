"""The form of a large scope goes by the profile, and by where its model is."""

from types import SimpleNamespace
from typing import cast

import pytest

from lsp_server.lsp.driver import Driver
from lsp_server.lsp.reply_form import large_form
from lsp_server.provider_table import Provider
from lsp_server.session.request import Form
from lsp_server.settings.model import LargeForm, Profile
from lsp_server.syntax.languages import language_for
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

TWO = "def a():\n    pass\n\n\ndef b():\n    pass\n"
HERE = "http://127.0.0.1:8080/v1"


def driver(text: str) -> Driver:
    found = SimpleNamespace(
        document_edits=SimpleNamespace(text=Text(text)),
        language=language_for("python", "", ""),
        tree=lambda: None,
    )
    return cast(Driver, found)


@pytest.mark.parametrize(
    ("form", "place", "text", "expected"),
    [
        (LargeForm.AUTO, HERE, TWO, Form.DEFINITIONS),
        (LargeForm.AUTO, HERE, "a = [\n1,\n]\n", Form.PATCH),
        (LargeForm.AUTO, "https://api.example.com/v1", TWO, Form.PATCH),
        (LargeForm.AUTO, None, TWO, Form.PATCH),
        (LargeForm.DEFINITIONS, None, TWO, Form.DEFINITIONS),
        (LargeForm.DEFINITIONS, None, "a = 1\n", Form.PATCH),
        (LargeForm.PATCH, HERE, TWO, Form.PATCH),
        (LargeForm.REWRITE, HERE, TWO, Form.REWRITE),
    ],
)
def test_form(form: LargeForm, place: str | None, text: str, expected: Form) -> None:
    profile = Profile("x", model="m", provider=Provider.OPENAI_CHAT, base_url=place, form=form)
    assert large_form(driver(text), profile, Span(0, len(text))) is expected
