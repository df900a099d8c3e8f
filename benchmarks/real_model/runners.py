"""Compiles and runs a result together with a task's `run`. Runs in the check's process."""

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tree_sitter import Node

from benchmarks.real_model.sight import Fault, nodes, parsed

__all__ = ["RUNNERS"]

# Seconds of the processor for a compiler, and for what is checked.
_COMPILING, _RUNNING = 60, 10
# Seconds of the clock for what is checked; it may wait for the processor, but not sleep.
_WAITING = 40.0

# An edit of a function cannot always bring the imports that it needs, and editors add them. So
# what the standard libraries have is supplied where a language lets us.
_SUPPLIED = """\
import builtins, asyncio, collections, contextlib, dataclasses, functools, itertools, logging, math
import os, pathlib, re, time, typing
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Union
for name, value in list(globals().items()):
    if not name.startswith("__") and not hasattr(builtins, name):
        setattr(builtins, name, value)
"""
_GO = {name.rpartition("/")[2]: name for name in ("bytes", "cmp", "maps", "math", "path/filepath")}
_GO |= {name: name for name in ("errors", "fmt", "os", "slices", "sort", "strconv", "strings")}
_HEADERS = {
    "c": ("assert.h", "ctype.h", "limits.h", "stdbool.h", "stdio.h", "stdlib.h", "string.h"),
    "cpp": ("algorithm", "cassert", "cstring", "numeric", "optional", "sstream", "stdexcept"),
}


def _limits(seconds: int) -> Callable[[], None]:
    def set_limits() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))

    return set_limits


def _do(command: list[str], seconds: int = _RUNNING, **variables: str) -> str:
    """What a command writes. Raises `Fault` with its last words if it fails."""
    # What is checked has no home but its folder; compilers have their caches in the real one.
    home = {"HOME": str(Path.cwd())} if seconds == _RUNNING else {}
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_WAITING if seconds == _RUNNING else None,
        check=False,
        env={**os.environ, **home, **variables},
        preexec_fn=_limits(seconds),
    )
    if done.returncode:
        said = [s for s in (done.stderr or done.stdout).splitlines() if s.strip()]
        telling = [s for s in said if re.search(r"error|panic|assert|Error", s)]
        words = (telling or said or ["no word"])[-1 if command[0] == sys.executable else 0]
        raise Fault(f"{Path(command[0]).name} ended with {done.returncode}: {words.strip()}")
    return done.stdout


def run_python(file: str, body: str, word: str) -> str:
    """The body is a script; it imports the file by its name."""
    script = f"import sys; sys.path.insert(0, '.')\n{_SUPPLIED}{body}\nprint({word!r})"
    return _do([sys.executable, "-I", "-c", script])


def run_javascript(file: str, body: str, word: str) -> str:
    """The body stands behind the file, in an async function that knows `assert`."""
    text = Path(file).read_text("utf-8")
    for other in Path().glob("*.ts"):  # Files of a project import them as JavaScript.
        if other.name != file:
            other.with_suffix(".js").write_text(without_types(other.read_text("utf-8")))
    if file.endswith(".ts"):
        text = without_types(text)
    ending = "mjs" if re.search(r"^(import|export)\b", text, re.MULTILINE) else "cjs"
    Path(f"checked.{ending}").write_text(
        f"{text}\n;(async () => {{ const assert = (await import('node:assert/strict')).default;\n"
        f"{body}\nconsole.log({word!r}); }})()"
        ".catch((fault) => { console.error(fault); process.exit(1); });"
    )
    return _do(["node", "--max-old-space-size=512", f"checked.{ending}"])


def run_c(file: str, body: str, word: str) -> str:
    """The body stands in `main` behind the file and knows `assert`."""
    text = Path(file).read_text("utf-8")
    plus = file.endswith(".cpp")
    ending = "cpp" if plus else "c"
    heads = "".join(f"#include <{name}>\n" for name in (*_HEADERS[ending], "stdio.h"))
    source = Path(f"checked.{ending}")
    source.write_text(f'{heads}{text}\nint main() {{\n{body}\nputs("{word}"); return 0; }}\n')
    compiler = ["g++", "-std=c++20"] if plus else ["gcc", "-std=c17"]
    _do([*compiler, "-w", "-o", "checked", source.name, "-lm"], _COMPILING)
    return _do(["./checked"])


def run_rust(file: str, body: str, word: str) -> str:
    """The body stands in `main` behind the file."""
    text = Path(file).read_text("utf-8")
    Path("checked.rs").write_text(
        f'#![allow(warnings)]\n{text}\nfn main() {{\n{body}\nprintln!("{word}"); }}\n'
    )
    _do(["rustc", "--edition", "2021", "-o", "checked", "checked.rs"], _COMPILING)
    return _do(["./checked"])


def run_java(file: str, body: str, word: str) -> str:
    """The body stands in the `main` of a class of its own, which knows `is(is, wanted)`."""
    Path("Check.java").write_text(
        "import java.util.*;\nimport java.util.function.*;\nclass Check {\n"
        "static void is(Object is, Object wanted) { if (!Objects.equals(is, wanted)) throw new "
        'AssertionError(is + " instead of " + wanted); }\n'
        f"public static void main(String[] args) throws Exception {{\n{body}\n"
        f'System.out.println("{word}"); }} }}\n'
    )
    path = Path(file)
    text = path.read_text("utf-8")
    path.write_text(f"import java.util.*; import java.util.stream.*; {text}", "utf-8")
    quick = ["-XX:TieredStopAtLevel=1", "-Xmx256m", "-XX:+UseSerialGC"]
    _do(["javac", *(f"-J{option}" for option in quick), file, "Check.java"], _COMPILING)
    return _do(["java", *quick, "-cp", ".", "Check"])


def run_go(file: str, body: str, word: str) -> str:
    """The body stands in `main` of a file beside and knows `is(is, wanted)`. Without Go: nothing.

    The file's `package x` becomes `package main`, and imports that are not used any more do no
    harm: editors take them out.
    """
    go = shutil.which("go")
    if go is None:
        return word
    text = Path(file).read_text("utf-8")
    used = {path for name, path in _GO.items() if re.search(rf"\b{name}\.[A-Z]", text)}
    known = re.findall(r'^\s*(?:import )?"([\w/]+)"$', text, re.MULTILINE)
    for path in known:
        if not re.search(rf"\b{path.rpartition('/')[2]}\.[A-Z]", text):
            text = text.replace(f'"{path}"', f'_ "{path}"', 1)
    package = "; ".join(["package main", *(f'import "{path}"' for path in used - {*known})])
    Path("file.go").write_text(re.sub(r"^package \w+", package, text, flags=re.MULTILINE))
    packages = ["fmt", "reflect", *re.findall(r"^import \"(.+)\"$", body, re.MULTILINE)]
    imports = "".join(f'import "{name}"\n' for name in packages)
    body = re.sub(r"^import .*\n", "", body, flags=re.MULTILINE)
    Path("check.go").write_text(
        f"package main\n{imports}func is(is, wanted any, words ...any) {{ "
        "if !reflect.DeepEqual(is, wanted) { "
        'panic(fmt.Sprint(is, " instead of ", wanted)) } }\n'
        f'func main() {{\n{body}\nfmt.Println("{word}") }}\n'
    )
    quiet = {"GO111MODULE": "off", "GOFLAGS": "", "GOMAXPROCS": "2", "GOTOOLCHAIN": "local"}
    _do([go, "build", "-o", "checked", "file.go", "check.go"], _COMPILING, **quiet)
    return _do(["./checked"])


def run_shell(file: str, body: str, word: str) -> str:
    """The body is a script that knows `is IS WANTED` and may `source` the file or start it."""
    script = (
        'is() { [[ "$1" == "$2" ]] || { echo "error: [$1] instead of [$2]" >&2; exit 1; }; }\n'
        f"{body}\necho {word}\n"
    )
    return _do(["bash", "-c", script])


RUNNERS: dict[str, Callable[[str, str, str], str]] = {
    "c": run_c,
    "cpp": run_c,
    "go": run_go,
    "java": run_java,
    "javascript": run_javascript,
    "python": run_python,
    "rust": run_rust,
    "shellscript": run_shell,
    "typescript": run_javascript,
}

_TYPES = frozenset(
    {
        *("type_annotation", "type_parameters", "type_arguments", "interface_declaration"),
        *("type_alias_declaration", "accessibility_modifier", "override_modifier"),
        *("implements_clause", "asserts_annotation", "type_predicate_annotation", "readonly"),
        *("function_signature", "method_signature", "abstract_method_signature", "abstract"),
        *("declare", "ambient_declaration"),
    }
)


def without_types(text: str) -> str:
    """TypeScript as JavaScript: what only speaks of types becomes blanks.

    No `enum`, `namespace` or properties that are declared in a constructor's parameters.
    """
    source = bytearray(text.encode())
    for node in nodes(parsed(text, "typescript")):
        start, end = _typed_part(node)
        kept = bytes(c if c == ord("\n") else ord(" ") for c in source[start:end])
        source[start:end] = kept
    return source.decode()


def _typed_part(node: Node) -> tuple[int, int]:
    """Which bytes of a node speak of types only."""
    first = node.children[0] if node.children else node
    if node.type in _TYPES:
        return node.start_byte, node.end_byte
    if node.type == "export_statement" and node.children[1].type in (*_TYPES, "type"):
        return node.start_byte, node.end_byte
    if node.type == "import_statement" and node.children[1].type == "type":
        return node.start_byte, node.end_byte
    if node.type in ("as_expression", "satisfies_expression", "non_null_expression"):
        return first.end_byte, node.end_byte
    parent = node.parent.type if node.parent is not None else ""
    if node.type in "?!" and parent in ("optional_parameter", "public_field_definition"):
        return node.start_byte, node.end_byte
    return node.start_byte, node.start_byte
