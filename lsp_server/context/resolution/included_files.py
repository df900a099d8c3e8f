"""C and C++: included files, beside the file and where projects keep their headers."""

import os

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import NOWHERE, Target
from lsp_server.imports.statements import ImportStatement

_HEADERS = ("include", "src", "inc", "lib", "source")


def resolve(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The included file. Names in angle brackets may be headers of the project too."""
    if statement.form != "#include" or not statement.module:
        return NOWHERE
    around = files.above(path)
    places = [around[0], *around[1:], *files.roots]
    places += [os.path.join(each, name) for each in (*around, *files.roots) for name in _HEADERS]
    if not statement.local:
        places = places[1:]
    for place in dict.fromkeys(places):
        whole = os.path.normpath(os.path.join(place, statement.module))
        if files.is_file(whole):
            return Target((whole,))
    return NOWHERE
