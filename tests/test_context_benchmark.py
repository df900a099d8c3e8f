"""Which names count as defined elsewhere, and what the benchmark of the context prints."""

from pathlib import Path

import pytest

from benchmarks import context
from benchmarks.context import Sample, make_tree
from benchmarks.elsewhere.languages import languages_of
from benchmarks.elsewhere.uses import Place, Use, draw

_PROJECTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "python": (
        {
            "shop/__init__.py": "from .money import *\n",
            "shop/money.py": "RATE = 2\ndef euro(cents):\n    return cents\nclass Base:\n"
            "    def log(self):\n        pass\n",
            "shop/cart.py": "import json\nimport shop\nfrom shop import money as m\n"
            "from .money import Base, RATE as rate\nclass Cart(Base):\n"
            "    def total(self, euro=0):\n        self.log(json)\n        m.euro(rate)\n"
            "        return shop.euro(euro)\n",
        },
        {
            "m.euro": "shop/money.py:2",
            "rate": "shop/money.py:1",
            "shop.euro": "shop/money.py:2",
            "self.log": "shop/money.py:5",
        },
    ),
    "typescript": (
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./lib/*"]}}} // shop\n',
            "lib/money.ts": "export const rate = 2;\nexport function euro(c: number) {}\n",
            "lib/index.ts": "export * from './money';\n",
            "cart.ts": "import { rate, euro as format } from './lib';\nimport * as all from "
            "'@/money';\nimport gone from 'gone';\n"
            "export const total = (rate: number) => {\n  format(rate);\n  gone();\n"
            "  return all.euro(1);\n};\n",
        },
        {"format": "lib/money.ts:2", "all.euro": "lib/money.ts:2"},
    ),
    "javascript": (
        {
            "money.js": "const rate = 2;\nfunction euro(cents) {}\nmodule.exports = { euro };\n",
            "cart.js": "const { euro, rate } = require('./money');\nfunction total() {\n"
            "  return euro(rate);\n}\n",
        },
        {"euro": "money.js:2", "rate": "money.js:1"},
    ),
    "go": (
        {
            "go.mod": "module example.org/shop\n",
            "money/euro.go": 'package money\n\nfunc Euro(cents int) string { return "" }\n',
            "order.go": "package shop\n\ntype Order struct{ Cents int }\n\n"
            "func (c *Cart) Log() {}\n",
            "cart.go": 'package shop\n\nimport "example.org/shop/money"\n\ntype Cart struct{}\n\n'
            "func (c *Cart) Total() string {\n\tone := Order{Cents: 1}\n\tc.Log()\n"
            "\treturn money.Euro(one.Cents)\n}\n",
        },
        {"Order": "order.go:3", "money.Euro": "money/euro.go:3", "c.Log": "order.go:5"},
    ),
    "rust": (
        {
            "src/lib.rs": "mod money;\nmod cart;\n",
            "src/money.rs": "pub fn euro(cents: u32) {}\npub struct Rate;\n",
            "src/cart.rs": "use crate::money::{euro, Rate as Factor};\n\n"
            "fn total() {\n    euro(1);\n    Factor;\n}\n",
        },
        {"euro": "src/money.rs:1", "Factor": "src/money.rs:2"},
    ),
    "java": (
        {
            "a/money/Euro.java": "package a.money;\n\nclass Euro {\n}\n",
            "a/Order.java": "package a;\n\nclass Order {\n}\n",
            "a/Cart.java": "package a;\n\nimport a.money.Euro;\n\nclass Cart {\n"
            "    Euro total(Order one) {\n        return new Euro(one);\n    }\n}\n",
        },
        {"Euro": "a/money/Euro.java:3", "Order": "a/Order.java:3"},
    ),
    "csharp": (
        {
            "Euro.cs": "namespace Shop.Money;\n\nclass Euro {\n}\n",
            "Order.cs": "namespace Shop;\n\nclass Order {\n}\n",
            "Cart.cs": "using Shop.Money;\nnamespace Shop.Carts;\n\nclass Cart {\n"
            "    Euro Total(Order one) {\n        return new Euro(one);\n    }\n}\n",
        },
        {"Euro": "Euro.cs:3", "Order": "Order.cs:3"},
    ),
    "php": (
        {
            "Euro.php": "<?php\nnamespace Shop\\Money;\nclass Euro {\n}\n",
            "Order.php": "<?php\nnamespace Shop;\nclass Order {\n}\n",
            "Cart.php": "<?php\nnamespace Shop;\nuse Shop\\Money\\Euro as Cents;\nclass Cart {\n"
            "    function total(Order $one) {\n        return new Cents($one);\n    }\n}\n",
        },
        {"Cents": "Euro.php:3", "Order": "Order.php:3"},
    ),
    "ruby": (
        {
            "euro.rb": "class Euro\nend\n",
            "cart.rb": "class Cart\n  def total\n    Euro.new(1)\n  end\nend\n",
        },
        {"Euro": "euro.rb:1"},
    ),
    "c": (
        {
            "money.h": "#define RATE 2\nstruct euro { int cents; };\n"
            "int total(struct euro *one);\n",
            "money.c": '#include "money.h"\n\nint total(struct euro *one) {\n    return 1;\n}\n',
            "cart.c": '#include "money.h"\n\nint sum(struct euro *one) {\n    (void)one;\n'
            "    return total(one) * RATE;\n}\n",
        },
        {"RATE": "money.h:1", "euro": "money.h:2", "total": "money.c:3 money.h:3"},
    ),
}


def _project(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8", newline="\n")
    return folder


@pytest.mark.parametrize("language", _PROJECTS)
def test_names_of_other_files_are_found_by_the_rules_of_the_language(
    language: str, tmp_path: Path
) -> None:
    files, wanted = _PROJECTS[language]
    root = _project(tmp_path, files)
    oracle = dict(languages_of(root))[language]
    uses = {
        use.name: " ".join(
            f"{place.file.relative_to(root).as_posix()}:{place.line + 1}"
            for place in sorted(use.places)
        )
        for function, found in draw(oracle, 9, 1)
        for use in found
        if function.file.stem == "cart" or function.file.stem == "Cart"
    }
    assert uses == wanted


def test_members_count_by_themselves(tmp_path: Path) -> None:
    oracle = dict(languages_of(_project(tmp_path, _PROJECTS["python"][0])))["python"]
    ((_, uses),) = draw(oracle, 9, 1)
    assert [use.name for use in uses if use.member] == ["self.log"]


def test_a_name_is_found_if_its_line_was_sent_from_its_file(tmp_path: Path) -> None:
    file = _project(tmp_path, {"money.py": "RATE = 2\n\nOTHER = 3\n"}) / "money.py"
    use = Use("RATE", frozenset({Place(file, 0)}), "relative import", "constant")
    lines = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    piece = {"uri": file.as_uri(), "range": lines, "why": "definition", "tokens": 3}
    assert Sample("```\nRATE = 2\n```", [piece], 1.0).finds(use)
    assert not Sample("```\nOTHER = 3\n```", [piece], 1.0).finds(use)
    assert not Sample("```\nRATE = 2\n```", [], 1.0).finds(use)
    elsewhere = {**piece, "uri": file.with_name("other.py").as_uri()}
    assert not Sample("```\nRATE = 2\n```", [elsewhere], 1.0).finds(use)
    below = {**piece, "range": {**lines, "start": {"line": 1, "character": 0}}}
    assert not Sample("```\nRATE = 2\n```", [below], 1.0).finds(use)


def test_a_large_tree_holds_so_many_files(tmp_path: Path) -> None:
    root = _project(tmp_path / "shop", _PROJECTS["typescript"][0])
    made = tmp_path / "tree"
    assert make_tree([root], made, 200) == 200
    assert len(list(made.rglob("*.ts"))) == 200
    assert list(made.rglob("tsconfig.json"))


def test_the_table_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = _project(tmp_path / "shop", _PROJECTS["python"][0])
    missed = tmp_path / "missed"
    assert context.main([str(root), "--files", "0", "--missed", str(missed)]) == 0
    head, row, *_ = capsys.readouterr().out.splitlines()
    assert row.split()[:4] == ["shop", "python", "1", "3"]
    assert head.split()[-2:] == ["off", "p95"]
    assert all("\t" in line for line in missed.read_text().splitlines())
