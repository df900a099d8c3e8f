"""An answer that holds only a part of the scope replaces only that part."""

import pytest

from benchmarks.real_model.offline import Read, read_reply

SHOP = """\
import json


def load(path):
    with open(path) as file:
        return json.load(file)


def subtotal(items):
    return sum(item.price for item in items)


def total(items, discount):
    amount = subtotal(items)
    return amount * (1 - discount)


def save(path, items):
    with open(path, "w") as file:
        json.dump(items, file)
"""
CART = """\
public class Cart {
    private final List<Item> items = new ArrayList<>();

    public void add(Item item) {
        items.add(item);
    }

    public int size() {
        return items.size();
    }

    public String text() {
        String text = "";
        for (Item item : items) {
            text += item.name() + "\\n";
        }
        return text;
    }
}
"""
TOTAL = SHOP[SHOP.index("def total") : SHOP.index("\n\n\ndef save")]
NEW_TOTAL = TOTAL.replace("amount = ", "if discount is None:\n        discount = 0\n    amount = ")
NEW_TEXT = """\
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Item item : items) {
            text.append(item.name()).append("\\n");
        }
        return text.toString();
    }"""
OLD_TEXT = CART[CART.index("    public String text") : CART.rindex("\n}")]


def read(text: str, scope: str, language: str, instruction: str, code: str) -> Read:
    start = text.index(scope)
    return read_reply(text, start, start + len(scope), language, instruction, f"```\n{code}\n```\n")


def shop(instruction: str, code: str, scope: str = SHOP.rstrip("\n")) -> Read:
    return read(SHOP, scope, "python", instruction, code)


@pytest.mark.parametrize(
    ("text", "language", "instruction", "code", "wanted", "staying"),
    [
        (SHOP, "python", "treat None as 0", NEW_TOTAL, SHOP.replace(TOTAL, NEW_TOTAL), "save"),
        # The instruction mentions what is left out.
        (
            SHOP,
            "python",
            "total uses subtotal; save nothing, load nothing, treat None as 0",
            NEW_TOTAL,
            SHOP.replace(TOTAL, NEW_TOTAL),
            "subtotal",
        ),
        # A member of a class, alone and in its class; with a new one after it.
        (CART, "java", "use a builder", NEW_TEXT, CART.replace(OLD_TEXT, NEW_TEXT), "size"),
        (
            CART,
            "java",
            "use a builder",
            f"public class Cart {{\n{NEW_TEXT}\n}}",
            CART.replace(OLD_TEXT, NEW_TEXT),
            "add",
        ),
        (
            SHOP,
            "python",
            "treat None as 0, and add a tax",
            f"{NEW_TOTAL}\n\n\ndef taxed(amount):\n    return amount * 1.2",
            SHOP.replace(TOTAL, f"{NEW_TOTAL}\n\n\ndef taxed(amount):\n    return amount * 1.2"),
            "load",
        ),
    ],
)
def test_some_definitions_leave_the_others(
    text: str, language: str, instruction: str, code: str, wanted: str, staying: str
) -> None:
    found = read(text, text.rstrip("\n"), language, instruction, code)
    assert found.text == wanted
    assert f"`{staying}`" in found.sentence
    assert "stay as they are" in found.sentence


@pytest.mark.parametrize(
    ("instruction", "gone", "renamed"),
    [
        ("remove the unused `save`", ["save"], {}),
        ("inline subtotal", ["subtotal"], {"subtotal(items)": "sum(item.price for item in items)"}),
        ("rename total to price", [], {"def total": "def price"}),
        ("give them better names", [], {"def total": "def price", "def save": "def store"}),
        ("keep only what reads", ["save", "total", "subtotal"], {}),
    ],
)
def test_what_an_answer_means_to_leave_out_goes(
    instruction: str, gone: list[str], renamed: dict[str, str]
) -> None:
    pieces = SHOP.rstrip("\n").split("\n\n\n")
    code = "\n\n\n".join(p for p in pieces if not any(f"def {name}(" in p for name in gone))
    for old, new in renamed.items():
        code = code.replace(old, new)
    assert shop(instruction, code).text == code + "\n"


@pytest.mark.parametrize(
    ("instruction", "code", "scope"),
    [
        ("treat None as 0", "if discount is None:\n    discount = 0", TOTAL),
        ("Add a docstring", "return amount * (1 - discount)", TOTAL),
        ("extract the rate", "RATE = 1.2", SHOP.rstrip("\n")),
        ("Füge einen Kommentar hinzu", "return total(items) / len(items)", TOTAL),
        ("remove the discount", "amount = subtotal(items)\nreturn amount", TOTAL),
        # A variable with the name of its function is not the function.
        ("start with 0.0", "total = 0.0\nreturn total * (1 - discount)", TOTAL),
        ("start with 0.0", "total = 0.0", TOTAL),
        ("convert the result to a float", "return float(amount)", TOTAL),
    ],
)
def test_statements_of_a_definition_do_not_take_its_place(
    instruction: str, code: str, scope: str
) -> None:
    found = shop(instruction, code, scope)
    assert found.text == SHOP
    assert "only a part of the selection" in found.sentence


def test_a_member_without_its_header_does_not_take_its_place() -> None:
    code = "StringBuilder text = new StringBuilder();\nreturn text.toString();"
    scope = OLD_TEXT.strip()
    found = read(CART, scope, "java", "use a builder", code)
    assert found.text == CART
    assert "only a part" in found.sentence


def test_statements_between_two_known_lines_go_between_them() -> None:
    """The columns are those of the answer; two lines tell those of the file."""
    code = (
        "amount = subtotal(items)\nif discount is None:\n    discount = 0\n"
        "return amount * (1 - discount)"
    )
    found = shop("treat None as 0", code, TOTAL)
    wanted = TOTAL.replace(
        "    return", "    if discount is None:\n        discount = 0\n    return"
    )
    assert found.text == SHOP.replace(TOTAL, wanted)


@pytest.mark.parametrize(
    ("instruction", "code"),
    [
        ("turn it into a constant", "TOTAL = 12"),
        ("make total a lambda", "total = lambda items, discount: subtotal(items) * (1 - discount)"),
        ("replace this function with a call of Cart", "amount = Cart(items).total(discount)"),
    ],
)
def test_a_definition_becomes_what_is_asked_for(instruction: str, code: str) -> None:
    assert shop(instruction, code, TOTAL).text == SHOP.replace(TOTAL, code)


@pytest.mark.parametrize(
    ("text", "scope", "language"),
    [(SHOP, TOTAL, "python"), (CART, OLD_TEXT.strip(), "java")],
)
def test_a_whole_answer_that_does_not_parse_is_no_piece(
    text: str, scope: str, language: str
) -> None:
    code = scope.replace("amount = ", "amount = call(").replace("return text", "return call(text")
    found = read(text, scope, language, "call it", code)
    assert "only a part" not in found.sentence


@pytest.mark.parametrize("between", ["", "And `save`:\n\n"])
def test_definitions_in_blocks_of_their_own_are_one_answer(between: str) -> None:
    save = SHOP[SHOP.index("def save") :].rstrip("\n")
    new = save.replace("items, file", "items, file, indent=2")
    tests = "def test_save():\n    save('a', [])"
    reply = f"```python\n{NEW_TOTAL}\n```\n\n{between}```python\n{new}\n```\n\n```\n{tests}\n```\n"
    scope = SHOP[SHOP.index("def subtotal") :].rstrip("\n")
    start = SHOP.index(scope)
    found = read_reply(SHOP, start, start + len(scope), "python", "do it", reply)
    assert found.text == SHOP.replace(TOTAL, NEW_TOTAL).replace(save, new)
    assert "`subtotal` stays" in found.sentence
    assert "save" not in found.sentence
