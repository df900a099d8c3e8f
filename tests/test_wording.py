"""How sentences name what the user of each client can do."""

import ast
import json
import re
from collections.abc import Iterator

import pytest

from lsp_server import wording
from lsp_server.wording import LSP, TERMINAL, VSCODE, WORDINGS, Wording
from tests.support.architecture import ROOT, module_files

_LEVELS = ("function", "class", "block", "statement", "file")
_CLIENT = ROOT / "vscode-client"
_MANIFEST = json.loads((_CLIENT / "package.json").read_text("utf-8"))
_CAMEL = re.compile(r"\b[a-z]+(?:[A-Z][a-z]+)+\b")


def _slots() -> list[str]:
    """Every slot that a module can use, and `setting` with each name that a module gives it."""
    plain = [value for value in vars(wording).values() if isinstance(value, str) and "⟦" in value]
    return [
        *plain,
        *map(wording.show_in, _LEVELS),
        *(wording.setting(name) for name in sorted(set(_settings_named()))),
    ]


def _settings_named() -> Iterator[str]:
    for _, path in module_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setting":
                for argument in node.args:
                    assert isinstance(argument, ast.Constant), f"{path}:{node.lineno}"
                    yield str(argument.value)


@pytest.mark.parametrize("client", WORDINGS.values(), ids=list(WORDINGS))
def test_every_client_has_a_phrase_for_every_slot(client: Wording) -> None:
    unknown = [slot for slot in _slots() if "⟦" in client.render(f"To do it, {slot}.")]
    assert not unknown


def test_all_clients_have_the_same_slots() -> None:
    assert VSCODE.phrases.keys() == TERMINAL.phrases.keys() == LSP.phrases.keys()


def test_visual_studio_code_reads_neither_ids_nor_names_in_camel_case() -> None:
    phrases = [VSCODE.render(f"To do it, {slot}.") for slot in _slots()]
    wrong = [p for p in phrases if "midstream." in p or _CAMEL.search(p) or "_" in p]
    assert not wrong


def test_the_command_line_reads_neither_ids_nor_names_in_camel_case() -> None:
    phrases = [TERMINAL.render(f"To do it, {slot}.") for slot in _slots()]
    assert not [p for p in phrases if "midstream." in p or _CAMEL.search(p)]


def test_the_commands_named_to_visual_studio_code_are_its_own() -> None:
    titles = {f"{c['category']}: {c['title']}" for c in _MANIFEST["contributes"]["commands"]}
    named = {
        found[1]
        for phrase in VSCODE.phrases.values()
        for found in re.finditer(r'"(Midstream: [^"]+)"', phrase)
    }
    assert named and named <= titles, named - titles


def test_the_buttons_named_to_visual_studio_code_are_its_own() -> None:
    source = "".join(path.read_text("utf-8") for path in (_CLIENT / "src").rglob("*.ts"))
    named = [VSCODE.phrases[slot].removeprefix("choose ") for slot in ("show", "show_in")]
    missing = [title for title in named if title.removesuffix("{}") not in source]
    assert not missing


def test_a_slot_that_begins_a_sentence_gets_a_capital() -> None:
    sentence = f"{wording.REDIRECT} to go on. {wording.SHOW}; or {wording.REVERT}."
    assert LSP.render(sentence) == "Redirect to go on. Run midstream.show; or revert."
    assert TERMINAL.render(sentence) == "Type a new instruction to go on. Type s; or type r."


def test_settings_are_spelled_as_each_client_spells_them() -> None:
    sentence = f"Raise {wording.setting('max_output_tokens')}."
    assert LSP.render(sentence) == "Raise maxOutputTokens."
    assert TERMINAL.render(sentence) == "Raise max_output_tokens."
    assert VSCODE.render(sentence) == "Raise the output token limit."


def test_every_setting_has_words_for_visual_studio_code() -> None:
    assert VSCODE.settings is not None
    assert set(_settings_named()) <= VSCODE.settings.keys()


def test_what_only_looks_like_a_slot_stays() -> None:
    assert LSP.render("A ⟦thing⟧ and ⟦show") == "A ⟦thing⟧ and ⟦show"


def test_a_sentence_knows_whether_it_offers_to_show() -> None:
    assert wording.offers_show(f"To see it, {wording.SHOW}.")
    assert wording.offers_show(f"To see it, {wording.show_in('function')}.")
    assert not wording.offers_show(f"{wording.REDIRECT} to ask again.")
