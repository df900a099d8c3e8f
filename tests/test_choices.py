"""Words that stand in two packages, and have to stay the same in both."""

from lsp_server.choices import Leave, Publish
from lsp_server.lsp.client import MessageType
from lsp_server.session.effects import Level
from lsp_server.session.request import Form
from lsp_server.settings.model import LargeForm, Settings


def test_the_defaults_are_the_words_of_the_settings() -> None:
    assert (Settings().publish, Settings().cancel_leaves) == (Publish.SYNTAX, Leave.VALID)


def test_each_level_of_a_sentence_has_a_message_type_of_its_name() -> None:
    assert {level.name for level in Level} == {kind.name for kind in MessageType} - {"LOG"}


def test_a_profile_may_name_each_form_of_an_answer() -> None:
    assert {form.value for form in Form} == {form.value for form in LargeForm} - {"auto"}
