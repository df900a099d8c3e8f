"""Telling whether code ends within a multi-line literal."""

import pytest

from lsp_server.edit.reply.open_literal import OpenLiteral


def literal_after(*lines: str) -> OpenLiteral:
    """The state after these lines."""
    literal = OpenLiteral()
    for line in lines:
        literal.take(line)
    return literal


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
def test_a_literal_is_open_until_it_is_closed(opens: str, closes: str) -> None:
    literal = literal_after("x = 1", opens)
    assert literal.open
    assert not literal.closed_by(["```", "run", "```"])
    assert literal.closed_by(["```", closes])
    assert literal.open
    assert not literal_after("x = 1", opens, closes).open


@pytest.mark.parametrize(
    "line", ["x = '\"'", r"x = '\"'", "x = `a`", "ls src/*", "/* a */", 'x = """a"""', "```sh"]
)
def test_lines_that_open_no_literal(line: str) -> None:
    assert not literal_after(line).open
