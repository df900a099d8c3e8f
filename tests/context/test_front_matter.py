"""The front matter of rules files, as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.front_matter import applies_to, front_matter


def _text(matter: str) -> str:
    return f"---\n{matter}\n---\nUse tabs.\n"


def test_where_the_rules_begin() -> None:
    matter = front_matter(_text("description: Tabs  # why\nglobs:\nalwaysApply: true"))
    assert (matter.lines, matter.rest) == (5, "Use tabs.\n")
    assert (matter.always, matter.globs, matter.description) == (True, (), "Tabs")


@pytest.mark.parametrize(
    "globs",
    [
        "globs: *.ts,*.tsx",
        "globs: '*.ts', '*.tsx'",
        'globs: ["*.ts", "*.tsx"]',
        "globs: [*.ts, *.tsx]",
        "globs:\n  - *.ts\n  - '*.tsx'",
        "globs:\n- *.ts\n- *.tsx\nalwaysApply: false",
        "Globs : *.ts , *.tsx   # both",
        'globs: "*.ts,*.tsx"',
    ],
)
def test_a_list_of_globs_in_each_of_its_forms(globs: str) -> None:
    matter = front_matter(_text(globs))
    assert matter.globs == ("*.ts", "*.tsx")
    assert applies_to(matter, "src/a.tsx")
    assert not applies_to(matter, "src/a.py")


def test_a_comma_in_braces_separates_no_globs() -> None:
    assert front_matter(_text("globs: src/*.{ts,tsx},*.py")).globs == ("src/*.{ts,tsx}", "*.py")


def test_rules_that_hold_for_nothing_by_themselves() -> None:
    for matter in ("description: Ask me", "globs:", "globs: []", "alwaysApply: false", "nonsense"):
        assert not applies_to(front_matter(_text(matter)), "a.py")


@pytest.mark.parametrize("text", ["", "Use tabs.", "---\nnever closed\n", "\n---\na: b\n---\n"])
def test_a_text_without_front_matter_is_all_rules(text: str) -> None:
    assert front_matter(text).rest == text
    assert front_matter(text).lines == 0


@given(st.text(st.sampled_from("-:#[]'\"{}, \na*"), max_size=60))
def test_nothing_is_refused_and_nothing_behind_it_is_lost(matter: str) -> None:
    read = front_matter(_text(matter))
    assert _text(matter).endswith(read.rest)
    assert read.rest.endswith("Use tabs.\n")
