"""Whether code stands within a text of several lines."""

import pytest

from lsp_server.edit.reply.open_literal import OpenLiteral


def opened(*lines: str) -> OpenLiteral:
    """What is known of the text behind these lines."""
    text = OpenLiteral()
    for line in lines:
        text.take(line)
    return text


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ('x = """', '"""'),
        ("x = '''say", "'''"),
        ("const x = `", "`;"),
        ("/* Do:", "*/"),
        ("x = <<~TEXT", "TEXT"),
        ("$x = <<<TXT", "TXT;"),
        ('const P: &str = r#"', '"#;'),
    ],
)
def test_a_text_goes_on_until_it_is_closed(opens: str, closes: str) -> None:
    text = opened("x = 1", opens)
    assert text.open
    assert not text.closed_by(["```", "run", "```"])
    assert text.closed_by(["```", closes])
    assert text.open
    assert not opened("x = 1", opens, closes).open


@pytest.mark.parametrize(
    "line", ["x = '\"'", r"x = '\"'", "x = `a`", "ls src/*", "/* a */", 'x = """a"""', "```sh"]
)
def test_what_opens_none(line: str) -> None:
    assert not opened(line).open
