"""Which files an import means, in cases that a whole lookup does not show."""

from pathlib import Path

import pytest

from lsp_server.context.resolution.families import ModuleResolver, packages_of
from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.imports.statements import ImportedName, ImportStatement
from lsp_server.text.span import Span


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def statement(module: str, *names: str, local: bool = False, form: str = "") -> ImportStatement:
    imported = tuple(ImportedName(name) for name in names)
    return ImportStatement(Span(0, 0), module, imported, local=local, form=form)


def resolved(root: Path, path: str, language_id: str, wanted: ImportStatement) -> list[str]:
    """The files that an import means, relative to the root; then those of modules, with a name."""
    target = ModuleResolver(ProjectFiles((str(root),))).target(
        wanted, str(root / path), language_id
    )
    found = [str(Path(each).relative_to(root)) for each in target.files]
    for name, files in target.modules.items():
        found += [f"{name}={Path(each).relative_to(root)}" for each in files]
    return found


@pytest.mark.parametrize(
    ("path", "module", "names", "found"),
    [
        ("a/b/c.py", ".", ("d",), ["d=a/b/d.py"]),
        ("a/b/c.py", "..x", (), ["a/x.pyi"]),
        ("a/b/c.py", "...top", (), ["top.py"]),
        ("a/b/c.py", "a.b", ("d", "e"), ["d=a/b/d.py"]),
        ("main.py", "pack", ("mod", "name"), ["src/pack/__init__.py", "mod=src/pack/mod.py"]),
        ("main.py", "inner", (), ["projects/src/inner.py"]),
        ("projects/src/inner.py", "top", (), ["top.py"]),
        ("main.py", "os", (), []),
        ("main.py", "a..b", (), []),
        ("main.py", ".", (), []),
        ("main.py", "no\0thing", (), []),
    ],
)
def test_python(
    tmp_path: Path, path: str, module: str, names: tuple[str, ...], found: list[str]
) -> None:
    files = "a/b/c.py a/b/d.py a/x.pyi top.py src/pack/__init__.py src/pack/mod.py"
    write(tmp_path, dict.fromkeys([*files.split(), "projects/src/inner.py", "main.py"], ""))
    assert resolved(tmp_path, path, "python", statement(module, *names)) == found


SCRIPTS = {
    "package.json": '{"workspaces": {"packages": ["libs/**", "!libs/no"]}}',
    "pnpm-workspace.yaml": "packages:\n  - 'other/*'  # these\n",
    "libs/deep/one/package.json": '{"name": "one", "exports": {".": {"import": "./dist/x.js"}}}',
    "libs/deep/one/src/x.ts": "",
    "libs/deep/one/src/part.ts": "",
    "other/two/package.json": '{"name": "@s/two", "exports": {"./*": "./lib/*.js"}}',
    "other/two/src/thing.tsx": "",
    "other/two/index.mjs": "",
    "app/package.json": '{"name": "app", "imports": {"#u/*": {"default": "./src/u/*.js"}}}',
    "app/src/u/a.js": "",
    "app/src/page.vue": "",
    "app/tsconfig.json": '{"extends": ["./circle.json", "./base"]}',
    "app/circle.json": '{"extends": "./tsconfig.json"}',
    "app/base.json": '{"compilerOptions": {"paths": {"~/*": ["./no/*", "./src/*"], "=": ["./x"]}}}',
    "app/x/index.d.ts": "",
    "app/src/main.ts": "",
    "bad/tsconfig.json": '{"compilerOptions": {"baseUrl": 3, "paths": [1]}, "extends": 5',
    "bad/package.json": "[" * 100_000,
    "bad/main.ts": "",
}


@pytest.mark.parametrize(
    ("path", "module", "found"),
    [
        ("app/src/main.ts", "one", ["libs/deep/one/src/x.ts"]),
        ("app/src/main.ts", "one/part", ["libs/deep/one/src/part.ts"]),
        ("app/src/main.ts", "@s/two", ["other/two/index.mjs"]),
        ("app/src/main.ts", "@s/two/thing", ["other/two/src/thing.tsx"]),
        ("app/src/main.ts", "#u/a", ["app/src/u/a.js"]),
        ("app/src/main.ts", "~/u/a.js", ["app/src/u/a.js"]),
        ("app/src/main.ts", "~/page.vue?raw", ["app/src/page.vue"]),
        ("app/src/main.ts", "=", ["app/x/index.d.ts"]),
        ("app/src/main.ts", "..", []),
        ("app/src/main.ts", "react", []),
        ("bad/main.ts", "./main", ["bad/main.ts"]),
        ("bad/main.ts", "x", []),
    ],
)
def test_scripts(tmp_path: Path, path: str, module: str, found: list[str]) -> None:
    write(tmp_path, SCRIPTS)
    assert resolved(tmp_path, path, "typescript", statement(module)) == found


def test_rust(tmp_path: Path) -> None:
    files = "src/main.rs src/lib.rs src/a.rs src/a/b.rs src/c/mod.rs tests/t.rs src/bin/tool.rs"
    write(tmp_path, {**dict.fromkeys(files.split(), ""), "Cargo.toml": '[package]\nname = "x-y"\n'})
    cases = [
        ("src/a/b.rs", statement("super", "T"), ["src/a.rs"]),
        ("src/a/b.rs", statement("super::super::c", "T"), ["src/c/mod.rs"]),
        ("src/a.rs", statement("self::b", "T"), ["src/a/b.rs"]),
        ("src/a.rs", statement("b", local=True), ["src/a/b.rs"]),
        ("src/main.rs", statement("crate::a", "b", "T"), ["src/a.rs", "b=src/a/b.rs"]),
        ("src/main.rs", statement("crate::a::Kind", "One"), ["src/a.rs"]),
        ("tests/t.rs", statement("x_y::c", "T"), ["src/c/mod.rs"]),
        ("src/bin/tool.rs", statement("x_y::a", "T"), ["src/a.rs"]),
        ("src/main.rs", statement("std::fs", "File"), []),
    ]
    for path, wanted, found in cases:
        assert resolved(tmp_path, path, "rust", wanted) == found, wanted


def test_an_answer_is_kept_for_a_while(tmp_path: Path) -> None:
    now = 0.0
    resolver = ModuleResolver(ProjectFiles((str(tmp_path),)), lambda: now)
    path = str(tmp_path / "a.py")
    assert resolver.target(statement("b"), path, "python").files == ()
    write(tmp_path, {"b.py": ""})
    assert resolver.target(statement("b"), path, "python").files == ()
    now = 11.0
    assert resolver.target(statement("b"), path, "python").files == (str(tmp_path / "b.py"),)


def test_a_large_package_is_bounded(tmp_path: Path) -> None:
    write(tmp_path, {f"f{n}.go": "" for n in range(450)})
    resolver = ModuleResolver(ProjectFiles((str(tmp_path),)))
    assert len(resolver.visible(str(tmp_path / "f0.go"), "go")) == 400


def test_languages_without_imports(tmp_path: Path) -> None:
    resolver = ModuleResolver(ProjectFiles((str(tmp_path),)))
    assert resolver.target(statement("a"), str(tmp_path / "a.lua"), "lua").files == ()
    assert resolver.visible(str(tmp_path / "a.lua"), "lua") == ()
    assert resolver.by_name("A", str(tmp_path / "a.lua"), "lua") == ()


@pytest.mark.parametrize(
    ("family", "text", "found"),
    [
        ("csharp", "using X;\nnamespace A.B.C;\n", ("A.B.C", "A.B", "A")),
        ("php", "<?php\nnamespace A\\B;\n", ("A\\B",)),
        ("jvm", "// c\npackage a.b;\n", ("a.b",)),
        ("jvm", "class A {}\n", ()),
        ("python", "namespace = 1\n", ()),
    ],
)
def test_packages(family: str, text: str, found: tuple[str, ...]) -> None:
    assert packages_of(family, text) == found
