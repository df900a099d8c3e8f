"""Reads the import statements of each language.

A reader tells which nodes import, and what each of them imports.
"""

from collections.abc import Mapping

from lsp_server.imports.readers.dotted_imports import CSHARP, JAVA, KOTLIN, SWIFT
from lsp_server.imports.readers.file_imports import CPP, GO, RUBY, C
from lsp_server.imports.readers.php_imports import PHP
from lsp_server.imports.readers.python_imports import PYTHON
from lsp_server.imports.readers.reader import ImportReader
from lsp_server.imports.readers.rust_imports import RUST
from lsp_server.imports.readers.scala_imports import SCALA
from lsp_server.imports.readers.script_imports import JAVASCRIPT, TYPESCRIPT

__all__ = ["READERS"]

READERS: Mapping[str, ImportReader] = {
    "python": PYTHON,
    "javascript": JAVASCRIPT,
    "typescript": TYPESCRIPT,
    "typescriptreact": TYPESCRIPT,
    "go": GO,
    "rust": RUST,
    "java": JAVA,
    "kotlin": KOTLIN,
    "csharp": CSHARP,
    "c": C,
    "cpp": CPP,
    "php": PHP,
    "ruby": RUBY,
    "swift": SWIFT,
    "scala": SCALA,
}
"""By the id of the language."""
