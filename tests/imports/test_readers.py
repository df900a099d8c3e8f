"""What is read from the import statements of each language."""

import pytest

from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.readers import READERS
from lsp_server.imports.statements import import_statements
from lsp_server.syntax.declarations import Declarations
from lsp_server.syntax.languages import all_languages, language_for
from lsp_server.syntax.tree import DocumentTree

CASES: dict[str, list[tuple[str, str]]] = {
    "python": [
        ("import a.b, c as d", "import a.b | import c as d"),
        ("from __future__ import annotations", "from __future__: annotations"),
        ("from ..x import (y as z, w,)", "from ..x: y as z, w"),
        ("from . import (\n    q,  # why\n)", "from .: q"),
        ("from m import *", "from m: *"),
        ("import", ""),
    ],
    "javascript": [
        ("import a, {b as c} from './m';", "import ./m: default as a, b as c"),
        ('import * as n from "n";', "import n as n"),
        ("import 's'", "import s"),
        ("export {x as y} from './e';", "export ./e: x as y"),
        ("export * from './f';", "export ./f: *"),
        ("export * as g from './g';", "export ./g as g"),
        ("export const h = 1;", ""),
        ("const {p, q: r} = require('z');", "require z: p, q as r"),
        ("const w = require('w'), v = require('v').u;", "require w as w | require v: u as v"),
        ("const k = await import('./k');", "import() ./k as k"),
        ("import d from './d.json' with { type: 'json' };", "import ./d.json: default as d"),
        ("const t = require(name); const u = require(`t${1}`);", ""),
    ],
    "typescript": [
        ("import type { A, B as C } from './m';", "import type ./m: A, B as C"),
        ("import { type D, e } from 'x';", "import x: type D, e"),
        ("import fs = require('fs');", "import = fs as fs"),
        ("export type { T } from './t';", "export type ./t: T"),
        ("import X = N.Y;", ""),
    ],
    "typescriptreact": [("import React from 'react'", "import react: default as React")],
    "go": [
        ('import "fmt"', "import fmt"),
        ('import (\n\t"os"\n\tx "a/b"\n\t_ "c"\n)', "import os | import a/b as x | import c as _"),
        ('import . "d"', "import d: *"),
        ("import (\n)", ""),
    ],
    "rust": [
        ("use a::b;", "use a: b"),
        (
            "use crate::x::{self, y as z, w::{v, u}, t::*};",
            "use crate: x | use crate::x: y as z | use crate::x::w: v, u | use crate::x::t: *",
        ),
        ("pub(crate) use super::q as r;", "pub(crate) use super: q as r"),
        ("use serde;", "use serde"),
        ("use {a, b::c};", "use b: c | use a"),
        ("mod m;", "mod m local"),
        ("extern crate serde as s;", "extern crate serde as s"),
    ],
    "java": [
        ("import java.util.List;", "import java.util: List"),
        ("import static a.B.c;", "import static a.B: c"),
        ("import a.b.*;", "import a.b: *"),
    ],
    "kotlin": [
        ("import a.b.C", "import a.b: C"),
        ("import a.b.D as E", "import a.b: D as E"),
        ("import a.b.*", "import a.b: *"),
    ],
    "csharp": [
        ("using System.Text;", "using System.Text: *"),
        ("using static System.Math;", "using static System.Math: *"),
        ("using X = A.B;", "using A.B as X"),
        ("global using Y.Z;", "global using Y.Z: *"),
    ],
    "c": [
        ("#include <stdio.h>\n", "#include stdio.h: *"),
        ('#include "a/b.h"\n', "#include a/b.h: * local"),
        ("#include NAME\n", ""),
    ],
    "cpp": [
        ("#include <vector>\n", "#include vector: *"),
        ("using std::string;", "using std: string"),
        ("using namespace std::chrono;", "using namespace std::chrono: *"),
    ],
    "php": [
        ("<?php\nuse X\\Z as W, Q;", "use X: Z as W | use Q"),
        ("<?php\nuse function f\\g;", "use function f: g"),
        (
            "<?php\nuse P\\{A, B as C, function h, D\\E};",
            "use P: A | use P: B as C | use function P: h | use P\\D: E",
        ),
        ("<?php\nuse const P\\{I, J};", "use const P: I | use const P: J"),
        ("<?php\nrequire_once 'a.php';", "require_once a.php: * local"),
        ("<?php\ninclude(__DIR__ . '/b.php');", "include b.php: * local"),
        ("<?php\nrequire $name;", ""),
    ],
    "ruby": [
        ("require 'a/b'", "require a/b: *"),
        ('require_relative "c"', "require_relative c: * local"),
        ("load('d.rb')", "load d.rb: *"),
        ("autoload :X, 'x/y'", "autoload x/y: X"),
        ('require "a#{b}"', ""),
        ("bundle.require 'x'", ""),
    ],
    "swift": [
        ("import Foundation", "import Foundation: *"),
        ("@testable import A.B", "@testable import A.B: *"),
        ("import struct C.D", "import struct C: D"),
    ],
    "scala": [
        ("import a.b.C", "import a.b: C"),
        ("import a.b.{D, E => F, G => _}", "import a.b: D, E as F"),
        ("import a.b._", "import a.b: *"),
        ("import a.{b, c}, d.e", "import a: b, c | import d: e"),
        ("import a.b.{D as E, *}", "import a.b: *, D as E"),
        ("import a.b as c", "import a: b as c"),
    ],
}


def _summary(found: ImportStatement) -> str:
    names = ["*"] * found.wildcard
    for each in found.names:
        alias = f" as {each.alias}" if each.alias else ""
        names.append(f"{'type ' * each.type_only}{each.name}{alias}")
    words = [found.form, *["type"] * found.type_only, found.module]
    words += ["as", found.alias] if found.alias else []
    after = f": {', '.join(names)}" if names else ""
    return " ".join(words) + after + " local" * found.local


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [(language, *case) for language, cases in CASES.items() for case in cases],
)
def test_what_a_statement_imports(language_id: str, text: str, expected: str) -> None:
    language = language_for(language_id)
    assert language is not None
    found = import_statements(DocumentTree(language, text))
    assert " | ".join(map(_summary, found)) == expected


def test_each_reader_has_its_cases() -> None:
    assert set(CASES) == set(READERS)


def test_every_language_that_imports_by_a_statement_is_read() -> None:
    importing = {
        language.id
        for language in all_languages()
        if isinstance(language.declarations, Declarations) and language.declarations.imports
    }
    assert importing - set(READERS) == {"lua", "shellscript"}, "these run files instead"
    assert set(READERS) <= importing
