"""Checks imports, module layout and documents against the architecture.

The architecture is in `tests/support/architecture.py` as data and in `ARCHITECTURE.md` for people.
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lsp_server.settings import describe
from lsp_server.syntax.languages import all_languages, language_for
from tests.support import tables
from tests.support.architecture import (
    IMPURE_MODULES,
    PURE,
    ROOT,
    SOURCE,
    TESTS,
    circle_in,
    imports,
    module_files,
    module_graph,
    package_graph,
    package_of,
)
from tests.support.patterns import is_read_alike, patterns

_TESTS_OF_SEVERAL = {
    "test_architecture.py": "the whole package",
    "test_benchmarks.py": "benchmarks/quality.py and what it is made of",
    "test_compile_benchmarks.py": "benchmarks/compiles.py, and the practice model's recipes",
    "test_release.py": "scripts/release.py, and the project's version",
    "test_workflows.py": ".github/workflows",
    "test_context_benchmark.py": "benchmarks/context.py and benchmarks/elsewhere",
    "test_context_tasks.py": "benchmarks/real_model/projects.py and fixtures/real-model-projects",
    "test_interrupt_benchmarks.py": "benchmarks/interrupt.py, endurance.py, and their two sides",
    "test_words.py": "all that users and readers meet",
    "test_real_model.py": "benchmarks/real_model and fixtures/real-model",
    "backends/test_tls.py": "pool and socket, against a server with a certificate",
    "lsp/test_answers.py": "the whole server, by the answers of fixtures/answers",
    "session/test_interleavings.py": "machine and document_edits, under drawn interleavings",
    "session/test_stateful.py": "machine and document_edits, as a Hypothesis state machine",
    "session/test_cases.py": "machine and document_edits, by the cases of fixtures/sessions",
    "session/test_every_token.py": "machine and document_edits, by the streams of fixtures/streams",
    "syntax/test_containment.py": "gate, skeleton and surroundings, by fixtures/containment",
}
"""Test modules that do not stand for one module, and what they are about."""

FIXTURES = ROOT / "fixtures"

_NOT_UTF16 = "Only `text` and `lsp` convert columns; all other code counts code points."


# -- directions --


def test_every_module_is_in_a_package() -> None:
    strays = [name for name, _ in module_files() if name and package_of(name) is None]
    assert not strays, f"in no package of tests/support/architecture.py: {strays}"


def test_imports_keep_the_directions() -> None:
    violations = []
    for found in imports():
        package, inside = package_of(found.module), found.target.partition("lsp_server.")[2]
        if package is None or not inside or package_of(inside) is package:
            continue
        parts = inside.split(".")
        names = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        if not names & set(package.imports):
            violations.append(f"{found.module}:{found.line} imports {found.target}. {package.rule}")
    assert not violations, "\n".join(violations)


def test_no_modules_import_one_another() -> None:
    """Also within a package, inside functions and under `TYPE_CHECKING`."""
    graph = module_graph()
    assert graph["lsp.server"], "The graph is empty."
    circle = circle_in(graph)
    assert circle is None, f"import circle: {' -> '.join(circle)}"


def test_no_packages_import_one_another() -> None:
    graph = package_graph()
    assert graph["lsp"], "The graph is empty."
    circle = circle_in(graph)
    assert circle is None, f"import circle: {' -> '.join(circle)}"


def test_only_those_that_need_nearly_all_of_the_server_state_get_it() -> None:
    users = {module for module, targets in module_graph().items() if "lsp.server_state" in targets}
    assert users == {"lsp.commands", "lsp.server", "cli.prompt"}, "Pass the parts that are needed."


@pytest.mark.parametrize(
    ("graph", "circle"),
    [
        ({"a": {"b", "c"}, "b": {"c"}, "c": set()}, None),
        ({"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": set()}, ["b", "c", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
    ],
)
def test_circles_are_found(graph: dict[str, set[str]], circle: list[str] | None) -> None:
    assert circle_in(graph) == circle


def test_third_party_packages_stay_where_they_are_allowed() -> None:
    violations = []
    for found in imports():
        package = package_of(found.module)
        if found.top in sys.stdlib_module_names or found.top in ("lsp_server", ""):
            continue
        if package is None or found.top not in package.outside:
            rule = package.rule if package else "`lsp_server/__init__.py` imports nothing."
            violations.append(f"{found.module}:{found.line} imports {found.target}. {rule}")
    assert not violations, "\n".join(violations)


def test_no_relative_imports() -> None:
    relative = [f"{f.module}:{f.line}" for f in imports() if f.target.startswith(".")]
    assert not relative, f"write the whole name: {relative}"


def test_the_core_has_no_io_no_clock_and_no_randomness() -> None:
    violations = [
        f"{found.module}:{found.line} imports {found.target}"
        for found in imports()
        if found.module.partition(".")[0] in PURE and found.top in IMPURE_MODULES
    ]
    assert not violations, "\n".join(violations)


def test_only_lsp_and_text_convert_columns() -> None:
    violations = [
        f"{found.module}:{found.line}. {_NOT_UTF16}"
        for found in imports()
        if found.target == "lsp_server.text.lines"
        and "Encoding" in found.names
        and found.module.partition(".")[0] not in ("text", "lsp", "cli")
    ]
    assert not violations, "\n".join(violations)


def test_nothing_brings_difflib_along() -> None:
    """No dependency imports it either: it is too slow, and its diffs do not suit code."""
    names = [f"lsp_server.{name}".rstrip(".") for name, _ in module_files()]
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        "sys.exit('difflib' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr or "importing the package loads difflib"


def test_every_python_reads_the_regular_expressions_alike() -> None:
    """Also 3.11.2, that of Debian 12, which an editor may start the server with."""
    doubtful = {
        f"{name}: {pattern.pattern!r}"
        for name, pattern in patterns()
        if not is_read_alike(pattern.pattern, pattern.flags)
    }
    assert not doubtful, "write `(?>...)*+`, see tests/support/patterns.py:\n" + "\n".join(doubtful)


# -- names --


def test_no_two_public_classes_have_the_same_name() -> None:
    places: dict[str, list[str]] = {}
    for module, path in module_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(module)
    twice = {name: modules for name, modules in places.items() if len(modules) > 1}
    assert not twice, f"give one of them another name, or both one home: {twice}"


_FIXTURE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*")
_LANGUAGE_IN = {
    "align/*.txt": r"^language: (\S+)$",
    "answers/*/case.json": r'"language": "([^"]+)"',
    "streams/*.txt": r"^# ([^,]+), ",
}
"""Cases whose name begins with the language, and where they say what it is."""


def test_names_of_fixtures_are_lower_case_with_hyphens() -> None:
    """Except the files of `real-model`, which are named as in a project."""
    paths = [path for path in FIXTURES.rglob("*") if path.name != "README.md"]
    assert paths
    strays = [
        str(path.relative_to(ROOT))
        for path in paths
        if not _FIXTURE_NAME.fullmatch(path.name) and path.parent.parent != FIXTURES / "real-model"
    ]
    assert not strays, f"write them in lower case with hyphens: {strays}"


def test_fixtures_of_a_language_are_named_by_its_id() -> None:
    strays = []
    for pattern in ("containment/*/", "languages/*.txt", "real-model/*/", "scopes/*/"):
        for path in FIXTURES.glob(pattern):
            language = language_for(path.stem)
            if language is not None and path.stem not in (language.id, "vue"):  # Vue has an id.
                strays.append(f"{path.relative_to(ROOT)} is {language.id}")
    for pattern, line in _LANGUAGE_IN.items():
        for path in FIXTURES.glob(pattern):
            found = re.search(line, path.read_text("utf-8"), re.MULTILINE)
            name = path.parent.name if path.name == "case.json" else path.stem
            if found is None or not name.startswith(f"{found[1]}-"):
                strays.append(f"{path.relative_to(ROOT)} is {found and found[1]}")
    assert not strays, f"give them the id in the Language Server Protocol: {strays}"


def test_each_kind_of_fixture_says_whether_tests_renew_it() -> None:
    for folder in FIXTURES.glob("*/"):
        assert "--update-fixtures" in (folder / "README.md").read_text("utf-8"), folder.name


# -- modules and their tests --


def _doc(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, path in module_files() if path.stat().st_size and not _doc(path)]
    silent += [str(p.relative_to(ROOT)) for p in TESTS.rglob("test_*.py") if not _doc(p)]
    assert not silent, f"no docstring: {silent}"


def test_no_module_name_occurs_twice() -> None:
    places: dict[str, list[str]] = {}
    for name, path in module_files():
        if not path.stem.startswith("__"):
            places.setdefault(path.stem, []).append(name)
    doubles = {stem: names for stem, names in places.items() if len(names) > 1}
    assert not doubles, f"give each its own name: {doubles}"


def test_every_package_has_its_tests() -> None:
    missing = []
    for name, path in module_files():
        folder = path.parent.relative_to(SOURCE)
        if path.name == "__init__.py" and name:
            module = TESTS / folder.parent / f"test_{folder.name}.py"
            if not (TESTS / folder).is_dir() and not module.exists():
                missing.append(name)
    assert not missing, f"no folder and no module of tests for {missing}"


def test_every_test_module_belongs_to_a_module() -> None:
    """`test_pool.py` is about `pool`, and so is `test_pool_under_load.py`."""
    strangers = []
    for path in TESTS.rglob("test_*.py"):
        place = path.relative_to(TESTS)
        of_no_module = place.parts[0] in ("support", "editors", "security")
        if of_no_module or place.as_posix() in _TESTS_OF_SEVERAL:
            continue
        words = place.stem.split("_")[1:]
        tested = [SOURCE / place.parent / "_".join(words[: n + 1]) for n in range(len(words))]
        if not any(p.with_suffix(".py").exists() or p.is_dir() for p in tested):
            strangers.append(place.as_posix())
    assert not strangers, f"these mirror no module: {strangers}"


# -- documents --


@pytest.mark.parametrize("path", tables.files(), ids=lambda path: path.name)
def test_tables_are_what_the_code_says(path: Path) -> None:
    assert path.read_text("utf-8") == tables.renewed(path), (
        f"{path.name} is out of date; run: python -m tests.support.tables"
    )


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_readme_names_both_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text and "make test" in text


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 90


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [row.key for row in describe() if f"`{row.key}`" not in text]
    assert not missing, f"not in docs/settings.md: {missing}"


def test_every_command_and_message_is_documented() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    used: set[str] = set()
    for name, path in module_files():
        if name.startswith("lsp"):
            used |= _words_of_ours(path)
    missing = sorted(word for word in used if f"`{word}`" not in text)
    assert not missing, f"not in docs/protocol.md: {missing}"


def _words_of_ours(path: Path) -> set[str]:
    """The names of commands, messages and kinds of code actions that are string literals."""
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"midstream[./][a-z]\w*", node.value)
        and not node.value.endswith((".toml", ".py"))
    }


def _dependencies() -> dict[str, str]:
    """Run-time dependencies: the name on the registry to the name that is imported."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = [re.split(r"[^\w.-]", line)[0] for line in project["project"]["dependencies"]]
    return {name: name.replace("-", "_") for name in names}


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    section = text.partition("## Dependencies")[2].partition("\n## ")[0]
    missing = [name for name in _dependencies() if f"`{name}`" not in section]
    assert not missing, f'not in ARCHITECTURE.md, "Dependencies": {missing}'


def test_every_dependency_is_used() -> None:
    imported = {found.top for found in imports()}
    imported |= {language.module for language in all_languages()}
    unused = [name for name, module in _dependencies().items() if module not in imported]
    assert not unused, f"in pyproject.toml, but no module imports it: {unused}"


def _pages() -> list[Path]:
    """The documents that users and contributors read."""
    patterns = ("*.md", "docs/*.md", "fixtures/*/README.md", "vscode-client/*.md")
    return [page for pattern in patterns for page in sorted(ROOT.glob(pattern))]


def _anchors(page: Path) -> set[str]:
    """What a link to this page may name: its headings, as GitHub spells them, and `<a id>`."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def test_links_between_the_documents_lead_somewhere() -> None:
    broken = []
    for page in _pages():
        text = page.read_text("utf-8")
        for link in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text):
            target, _, anchor = (link[0] or link[1]).partition("#")
            if "://" in target:
                continue
            path = page.parent / target if target else page
            if not path.exists() or (anchor and anchor not in _anchors(path)):
                broken.append(f"{page.relative_to(ROOT)}: {target}#{anchor}")
    assert not broken, f"links to nothing: {broken}"
