"""Texts that nobody writes but a repository or a model may contain; and long valid ones.

Each shape is a small text that is repeated, or a rule that grows one. They are drawn from a seed
over all grammars; the same seed draws the same texts. Knows nothing of what is measured.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from lsp_server.syntax.languages import all_languages

__all__ = ["SOUND", "Drawn", "draw", "sound", "text_of"]

_PIECES = (
    *"()[]{}<>\"'`#|-*@$&\\/=:;,\t\n",
    *("if ", "def ", "class ", "function ", "return ", "x", "1", " ", "\n  ", "\n    ", "<<A\n"),
    *("EOF\n", "- ", "//", "/*", "*/", "<div>", "</", "<?php ", "?>", "<!--", 'f"', 'r#"', "=>"),
    *("->", "do", "end", "else", "%w(", '"#{', "${", "$(", "a<b", "a?b:", "é漢😀", "\0", "a\r"),
)
_KNOWN = (
    *("(", "[", "{", "<", "([{", ")]}", "a<b", "List<A<", "%w(", "(a,", "[a](", "a?b:", "a=>"),
    *("<div><p>", "<div ", "<t>\n", "<script>", "<!-- \n", "</p>", "<?php if (x) { ?><b>\n"),
    *("cat <<A\n", "x = <<~A\n", "'\n", '"', "f'{", "`${", '"#{', 'r#"', 'R"(', "[==[", '"$('),
    *("# c\n", "    # c\n", "// c\n", "/* c\n", "-- c\n", "\n", "      \n", "\0", "\\\n", "a\r"),
    *("- ", "- a\n", "  ", "> ", "|a|b|\n", "*a _b ", "# a\n\n", "```\n", "---\n", "&a *a "),
    *('{"a":[', "1,", "a.", "[a.b]\n", "x = 1\n", "int x;\n", "if (a) {} else ", "if x:\n "),
    *("def f(x:\n  if (\n    return [\n", "int f( { if (x = [ ; }\n", "a{b:c;", "a,b>c:d[e]"),
    *("x = -", "not ", "1+", "lambda a: ", "@a\n", "#if a\n", "case x in a) ", "(a)", "*", "!"),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One text in one language, with a name that says how to make it again."""

    language: str
    name: str
    text: str


def draw(seed: int, count: int, size: int = 400_000) -> Iterator[Drawn]:
    """So many texts of about `size` code points."""
    chance = random.Random(seed)
    languages = [language.id for language in all_languages()]
    chance.shuffle(languages)
    for number in range(count):
        language = languages[number % len(languages)]
        begin = chance.choice(("", "def f():\n    x = 1\n", "class A {\n", "x = ", "a:\n"))
        match number % 4:
            case 0:
                piece = "".join(chance.choice(_PIECES) for _ in range(chance.randint(2, 8)))
                name, text = f"{piece!r} again and again", text_of(begin, piece, size)
            case 1:
                few = chance.sample(_PIECES, chance.randint(3, 12))
                text = begin + "".join(chance.choice(few) for _ in range(size // 3))
                name = f"a soup of {len(few)}"
            case 2:
                piece = chance.choice(_KNOWN).strip() or "x"
                rows = int((2 * size) ** 0.5)
                text = begin + "\n".join(" " * row + piece for row in range(rows))
                name = f"{piece!r} ever deeper"
            case _:
                piece = chance.choice(_KNOWN)
                name, text = f"{piece!r} again and again", text_of(begin, piece, size)
        yield Drawn(language, f"{language}: {name}", text)


def text_of(begin: str, piece: str, size: int) -> str:
    """`piece` over and over, up to `size` code points."""
    return begin + piece * (size // len(piece) + 1)


_BODY = """ {{
    const sum = a + b * {0};
    if (sum > 3) {{
        return [sum, a].map((x) => x + 1);
    }}
    return {{ sum, a }};
}}

"""
SOUND = {
    "javascript": "function f{0}(a, b)" + _BODY,
    "typescript": "export function f{0}(a: number, b: number): unknown" + _BODY,
    "python": (
        "def f{0}(a, b):\n    sum = a + b * {0}\n    if sum > 3:\n        return [sum, a]\n"
        "    return {{'sum': sum, 'a': a}}\n\n\n"
    ),
    "c": (
        "static int f{0}(struct row *a, int b) {{\n    int sum = a->n + b * {0};\n"
        "    if (sum > 3) {{\n        return call(a, &sum, sizeof(sum));\n    }}\n"
        "    return sum;\n}}\n\n"
    ),
    "go": "func f{0}(a int) int {{\n\tsum := a + {0}\n\treturn sum\n}}\n\n",
    "markdown": (
        "## Part {0}\n\nSee [this](http://example.org/{0}) and *that*, `sum` and [more][m{0}].\n\n"
        "- one\n- two [x](y)\n\n"
    ),
}
"""By language, a piece of code with a number in it."""


def sound(language: str, lines: int) -> str:
    """A text without errors, of at least so many lines."""
    piece = SOUND[language]
    count = lines // piece.count("\n") + 1
    begin = "package big\n\n" if language == "go" else ""
    return begin + "".join(piece.format(number) for number in range(count))
