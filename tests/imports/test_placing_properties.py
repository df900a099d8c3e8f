"""What holds for every placed import, on drawn files of all languages.

A file parses as before; what is added is only the import; nothing is offered twice.
"""

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.imports.imported import Surroundings
from lsp_server.imports.placing import PlacedImport, place_imports, placed_together
from lsp_server.imports.readers import READERS
from lsp_server.imports.statements import import_statements
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree, count_errors
from lsp_server.text.changes import Change, ChangeSet


@dataclass(frozen=True, slots=True)
class Sample:
    """Pieces of files in one language; the tab stands for one level of indentation."""

    heads: tuple[str, ...]
    """What a file may begin with."""
    imports: tuple[str, ...]
    """Statements that may stand together in any order."""
    wanted: tuple[str, ...]
    """Imports that none of the others conflict with."""
    bodies: tuple[str, ...]
    comment: str = "//"
    needs_head: bool = False
    """Whether each file begins with one of the heads."""


_SCRIPT = Sample(
    (
        "#!/usr/bin/env node\n",
        "'use strict';\n\n",
        "/**\n * Größe 🎉\n */\n\n",
        "// one\n// two\n\n",
        "'use client'\n",
    ),
    (
        "import a from 'a';",
        "import { b, c as d } from './b';",
        "import {\n\te,\n\tf,\n} from '../e';",
        "import * as g from 'g';",
        "import './h.css';",
        'import i, { j } from "i"',
        "export { k } from './k';",
        "import l from './l.json' with { type: 'json' };",
    ),
    (
        "import { zed } from './b';",
        "import { one, two } from '../e';",
        "import Default from 'x';",
        "import * as all from 'all';",
        "import 'effects';",
        "import { zed2 } from 'a';",
    ),
    (
        "export function f() {\n\treturn import('m');\n}\n",
        "const x = 1;\n",
        "/** Docs. */\nclass A {}\n",
        "(() => {})();\n",
    ),
)
_TYPED = Sample(
    _SCRIPT.heads,
    (
        *_SCRIPT.imports,
        "import type { M } from './m';",
        "import { type N, o } from './n';",
        "import p = require('p');",
    ),
    (
        *_SCRIPT.wanted,
        "import type { T } from './m';",
        "import { value } from './m';",
        "import { type U } from './n';",
        "import { N } from './n';",
        "import { M } from './m';",
    ),
    (*_SCRIPT.bodies, "interface B { a: string }\n"),
)
SAMPLES = {
    "python": Sample(
        (
            "#!/usr/bin/env python\n# coding: utf-8\n",
            '"""Docs: Größe 🎉."""\n\n',
            "# Licence.\n# More.\n\n",
            "# Licence.\n\n'''Docs\nin lines.'''\n",
            "from __future__ import annotations\n",
        ),
        (
            "import os",
            "import a.b, c as d",
            "from typing import Any",
            "from .x import (\n\tY,\n\tZ,  # why\n)",
            "from shop import accounts, rates",
            "from m import *",
            "from .. import q",
            "import sys; import re",
        ),
        (
            "import json",
            "from typing import Sequence",
            "from .x import One, Two",
            "import requests as rq",
            "from shop import zed",
            "from __future__ import division",
        ),
        (
            "def f():\n\timport inner\n\treturn inner\n",
            "x = 1\n",
            "# comment\n@a\nclass A:\n\tpass\n",
            "if TYPE_CHECKING:\n\timport t\n",
            "try:\n\timport u\nexcept ImportError:\n\tu = None\n",
        ),
        "#",
    ),
    "javascript": _SCRIPT,
    "typescript": _TYPED,
    "typescriptreact": _TYPED,
    "go": Sample(
        ("package p\n", "// Package p: Größe 🎉.\npackage p\n\n"),
        (
            'import "fmt"',
            'import (\n\t"os"\n\t"strings"\n)',
            'import (\n\t"io"\n\n\tx "github.com/a/b"\n\t_ "embed"\n)',
            'import . "d"',
        ),
        ('import "net/http"', 'import "github.com/z/zed"', 'import y "fmt"'),
        ("func f() {\n}\n", "// T is.\ntype T struct{}\n", "var x = 1\n"),
        needs_head=True,
    ),
    "rust": Sample(
        ("//! Größe 🎉.\n", "#![allow(dead_code)]\n\n", "// Licence.\n\n"),
        (
            "use std::fmt;",
            "use std::io::{self, Read};",
            "use std::{\n\tcollections::{BTreeMap},\n\tpath,\n};",
            "pub use crate::a::b;",
            "use crate::c::{\n\tD,\n\tE as F,\n};",
            "use super::g::*;",
            "#[cfg(test)]\nuse h::i;",
            "extern crate j;",
            "mod k;",
        ),
        (
            "use std::io::Write;",
            "use std::collections::HashMap;",
            "use crate::c::{One, Two};",
            "use serde::Serialize;",
            "use super::zed::Zed as Z;",
        ),
        ("fn f() {\n\tuse l::m;\n}\n", "/// Docs.\nstruct A;\n", "mod t {\n\tuse super::*;\n}\n"),
    ),
    "java": Sample(
        ("package p.q;\n", "/* Größe 🎉 */\npackage p.q;\n\n", "// Licence.\n\n"),
        (
            "import java.util.List;",
            "import java.util.Map;",
            "import static a.B.c;",
            "import org.d.*;",
            "import javax.e.F;",
        ),
        ("import java.util.Set;", "import static a.B.d;", "import com.zed.Zed;"),
        ("class A {}\n", "/** Docs. */\n@X\npublic class B {\n\tint c;\n}\n"),
    ),
    "kotlin": Sample(
        ("package p.q\n\n", "/* Größe 🎉 */\n\npackage p.q\n\n", '@file:JvmName("A")\n\n'),
        ("import a.b.C", "import a.b.D as E", "import java.io.*", "import kotlin.math.abs"),
        ("import a.b.Zed", "import kotlin.math.max", "import z.Y as X"),
        ("fun f() {\n}\n", "/** Docs. */\nclass A\n", "val x = 1\n"),
    ),
    "csharp": Sample(
        ("// Größe 🎉\n\n", "#nullable enable\n\n", "/* Licence. */\n"),
        (
            "using System;",
            "using System.IO;",
            "using static A.B;",
            "using C = D.E;",
            "using Serilog;",
            "global using F;",
        ),
        ("using System.Text;", "using Zed;", "using static Zed.Math;"),
        (
            "namespace N;\n\nclass A {}\n",
            "namespace N\n{\n\tusing In.Side;\n\n\tclass A {}\n}\n",
            "/// <summary>Docs.</summary>\nclass A {}\n",
        ),
    ),
    "c": Sample(
        ("/* Größe 🎉 */\n\n", "// Licence.\n", "#pragma once\n", "#define _GNU_SOURCE\n"),
        (
            "#include <stdio.h>",
            "#include <string.h>",
            '#include "a.h"',
            '#include "b/c.h"  // why',
            "#ifdef D\n#include <d.h>\n#endif",
        ),
        ("#include <stdlib.h>", '#include "zed.h"', "#include <d.h>"),
        ("int f(void) { return 0; }\n", "/** Docs. */\nstruct a { int b; };\n", "#define X 1\n"),
    ),
    "cpp": Sample(
        ("// Größe 🎉\n\n", "#pragma once\n\n"),
        (
            "#include <vector>",
            "#include <map>",
            '#include "a.hpp"',
            'extern "C" {\n#include <e.h>\n}',
            "using std::vector;",
        ),
        ("#include <string>", '#include "zed.hpp"'),
        ("namespace n {\nint f();\n}\n", "class A {};\n"),
    ),
    "php": Sample(
        (
            "<?php\n",
            "<?php\n\ndeclare(strict_types=1);\n\nnamespace N;\n\n",
            "<?php\n/* Größe 🎉 */\nnamespace N\\M;\n",
        ),
        (
            "use A\\B;",
            "use A\\C as D;",
            "use E\\{F, G as H};",
            "use I\\{\n\tJ,\n\tK,\n};",
            "use function L\\m;",
            "use const N\\O;",
            "require_once 'p.php';",
        ),
        ("use A\\Zed;", "use E\\One;", "use I\\Two;", "use function L\\zed;", "use const N\\Z;"),
        ("class A1 {}\n", "/** Docs. */\nfunction f() {\n}\n", "$x = 1;\n"),
        needs_head=True,
    ),
    "ruby": Sample(
        ("#!/usr/bin/env ruby\n", "# frozen_string_literal: true\n\n", "# Größe 🎉\n\n"),
        ("require 'a'", 'require "b"', "require_relative 'c'", "load 'd.rb'"),
        ("require 'json'", "require_relative 'zed'"),
        ("class A\nend\n", "# Docs.\nmodule B\n\tdef c\n\tend\nend\n", "x = 1\n"),
        "#",
    ),
    "swift": Sample(
        ("// Größe 🎉\n\n", "//\n//  A.swift\n//\n\n"),
        ("import Foundation", "import UIKit", "@testable import A", "import struct B.C"),
        ("import Combine", "import class Zed.Z"),
        ("struct A1 {}\n", "/// Docs.\nfunc f() {\n}\n"),
    ),
    "scala": Sample(
        ("package p.q\n\n", "/* Größe 🎉 */\npackage p\n\n", "// Licence.\n\n"),
        (
            "import a.b.C",
            "import a.b.{D, E => F}",
            "import java.io._",
            "import g.{h, i}, j.k",
            "import l.{\n\tM,\n\tN\n}",
        ),
        ("import a.b.Zed", "import l.One", "import scala.util.Try", "import x.{Y => Z}"),
        ("class A1\n", "/** Docs. */\nobject B {\n\timport m.n\n}\n"),
    ),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn file, and what it needs."""

    language_id: str
    text: str
    wanted: tuple[str, ...]


@st.composite
def _files(draw: st.DrawFn) -> Drawn:
    language_id = draw(st.sampled_from(sorted(SAMPLES)))
    sample = SAMPLES[language_id]
    heads = st.sampled_from(sample.heads)
    text = draw(heads if sample.needs_head else st.one_of(st.just(""), heads))
    for statement in draw(st.lists(st.sampled_from(sample.imports), unique=True)):
        blanks = "\n" * draw(st.sampled_from([0, 0, 0, 1, 2]))
        heading = draw(st.sampled_from(["", "", "", f"{sample.comment} heading\n"]))
        text += f"{blanks}{heading}{statement}\n"
    text += "\n" * draw(st.integers(0, 2))
    text += "\n".join(draw(st.lists(st.sampled_from(sample.bodies), unique=True, max_size=2)))
    text = text.replace("\t", draw(st.sampled_from(["\t", "    ", "  "])))
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    if draw(st.sampled_from([False, False, True])):
        text = text.replace("\n", "\r\n")
    if language_id not in ("php",) and draw(st.sampled_from([False, False, False, True])):
        text = f"\ufeff{text}"
    wanted = draw(st.lists(st.sampled_from(sample.wanted), min_size=1, max_size=3, unique=True))
    return Drawn(language_id, text, tuple(wanted))


def _tree(language_id: str, text: str) -> DocumentTree:
    language = language_for(language_id)
    assert language is not None
    return DocumentTree(language, text)


def _applied(text: str, *changes: Change) -> str:
    return ChangeSet.of(len(text), changes).apply(text)


Import = tuple[str, str, str, str, bool]


def _imported(tree: DocumentTree) -> Counter[Import]:
    """Everything that a document imports, each name by itself."""
    found = Counter[Import]()
    for each in import_statements(tree):
        for name in each.names or (None,):
            names = (name.name, name.alias) if name is not None else ("", each.alias)
            found[each.form, each.module, *names, each.wildcard] += 1
    return found


def test_there_is_a_sample_of_each_language() -> None:
    assert set(SAMPLES) == set(READERS)


@given(_files())
def test_a_change_adds_the_import_and_nothing_else(drawn: Drawn) -> None:
    tree = _tree(drawn.language_id, drawn.text)
    for placed in place_imports(tree, drawn.wanted):
        after = _tree(drawn.language_id, _applied(drawn.text, placed.change))
        assert count_errors(after.root) <= count_errors(tree.root)
        before, now = _imported(tree), _imported(after)
        added = now - before
        promoted = placed.change.text == ""
        assert not before - now
        assert sum(added.values()) == (0 if promoted else _count(placed)), "only the import"
        assert not place_imports(after, [placed.line]), "it is not offered again"
        _check_text(drawn.text, placed)


def _count(placed: PlacedImport) -> int:
    """How many names a new statement imports."""
    names = placed.line.partition(" import ")[2] if "from" in placed.line[:4] else ""
    inner = placed.line.partition("{")[2].partition("}")[0] or names
    return inner.count(",") + 1


def _check_text(text: str, placed: PlacedImport) -> None:
    """Nothing but `type` goes; whole lines come, or a name and what separates it."""
    change = placed.change
    assert text[change.start : change.end].strip() in ("", "type")
    assert "\n" not in text[change.start : change.end]
    whole = not change.start or text[change.start - 1] in "\n\ufeff"
    lines = [line for line in change.text.splitlines() if line.strip()]
    assert len(lines) <= 2, "a line, or the comma of the line before it and a line"
    if whole:
        assert change.text.endswith("\n") or change.start == len(text)
    if "\r\n" in text:
        assert "\n" not in change.text.replace("\r\n", "")
    elif "\n" in text:
        assert "\r" not in change.text


@given(_files())
def test_everything_that_is_wanted_gets_its_place(drawn: Drawn) -> None:
    tree = _tree(drawn.language_id, drawn.text)
    after = _tree(drawn.language_id, placed_together(tree, drawn.wanted).apply(drawn.text))
    assert count_errors(after.root) <= count_errors(tree.root)
    for line in drawn.wanted:
        assert not place_imports(after, [line]), "it is imported"
        alone = _tree(drawn.language_id, "<?php\n" * (drawn.language_id == "php") + line + "\n")
        for each in import_statements(alone):
            found = [
                (one.module, name)
                for one in import_statements(after)
                if one.surroundings == Surroundings.TOP
                for name in (*(n.local for n in one.names), one.alias, "")
            ]
            for name in [n.local for n in each.names] or [each.alias]:
                assert (each.module, name) in found


@given(_files())
def test_changes_can_be_applied_together(drawn: Drawn) -> None:
    tree = _tree(drawn.language_id, drawn.text)
    placed = place_imports(tree, drawn.wanted)
    after = _tree(drawn.language_id, _applied(drawn.text, *(each.change for each in placed)))
    assert count_errors(after.root) <= count_errors(tree.root)
    assert not place_imports(after, drawn.wanted)


@given(_files(), st.data())
def test_broken_files_become_no_worse(drawn: Drawn, data: st.DataObject) -> None:
    cut = sorted(data.draw(st.tuples(*[st.integers(0, len(drawn.text))] * 2)))
    text = drawn.text[: cut[0]] + drawn.text[min(cut[1], cut[0] + 20) :]
    tree = _tree(drawn.language_id, text)
    before = _imported(tree)
    for placed in place_imports(tree, drawn.wanted):
        after = _tree(drawn.language_id, _applied(text, placed.change))
        assert count_errors(after.root) <= count_errors(tree.root)
        promoted = placed.change.text == ""
        assert promoted or not before - _imported(after)


@given(st.sampled_from(sorted(SAMPLES)), st.text(max_size=60), st.lists(st.text(max_size=30)))
def test_any_text_and_any_line(language_id: str, text: str, lines: list[str]) -> None:
    tree = _tree(language_id, text)
    for placed in place_imports(tree, [*lines, *SAMPLES[language_id].wanted]):
        after = _tree(language_id, _applied(text, placed.change))
        assert count_errors(after.root) <= count_errors(tree.root)
