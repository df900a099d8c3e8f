"""The import statements in what models write into a block of needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.imports.needs import import_lines
from lsp_server.imports.readers import READERS
from tests.imports.test_placing_properties import SAMPLES


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("python", "import json\nfrom a import b\n", ("import json", "from a import b")),
        (
            "python",
            "- import json\n* import os\n1. import re\n",
            ("import json", "import os", "import re"),
        ),
        (
            "python",
            "- `import json` for the settings\n``import os``\n",
            ("import json", "import os"),
        ),
        ("python", "+import json\n+ import os\n-import re\n", ("import json", "import os")),
        ("python", "```python\nimport json\n```\n", ("import json",)),
        ("python", "# for settings\nimport json  # here\n\n", ("import json",)),
        ("python", "json\nWe need import json\n", ()),
        ("python", "import json\nimport json\n", ("import json",)),
        ("python", "import a, b.c as d; import e\n", ("import a", "import b.c as d", "import e")),
        ("python", "from a import (\n    b,  # why\n    c,\n)\n", ("from a import b, c",)),
        ("python", "from a import (\n    b,\n", ()),
        ("python", "from a import (b,\nimport json\n", ("import json",)),
        ("python", "import json\nfrom a imp", ("import json",)),
        ("python", "import json;\nprint(json)\n", ("import json",)),
        ("python", "def f():\n    import json\n", ("import json",)),
        ("javascript", "import {\n  a,\n  b,\n} from './m'\n", ("import { a, b } from './m';",)),
        ("javascript", "import * as x from 'x'", ("import * as x from 'x';",)),
        ("javascript", "import 'x.css';;", ("import 'x.css';",)),
        (
            "javascript",
            "const a = require('a')\nrequire('b')",
            ("const a = require('a');", "require('b');"),
        ),
        ("javascript", "export * from './x';\nconst y = await import('y');\nz();", ()),
        (
            "javascript",
            "import a from 'https://x.y/a.js'; // why",
            ("import a from 'https://x.y/a.js';",),
        ),
        ("javascriptreact", "import React from 'react'", ("import React from 'react';",)),
        ("typescript", "import type { A } from './a'", ("import type { A } from './a';",)),
        ("go", 'import (\n\t"fmt"\n\tx "a/b"\n)\n', ('import "fmt"', 'import x "a/b"')),
        ("go", '"strings"\nimport "os";', ('import "os"',)),
        ("rust", "use std::{fmt, io::Read}\nmod x;", ("use std::fmt;", "use std::io::Read;")),
        ("java", "import java.util.List\njava.util.Map", ("import java.util.List;",)),
        ("kotlin", "import a.b.C;", ("import a.b.C",)),
        ("csharp", "using System.Text", ("using System.Text;",)),
        (
            "c",
            '#include <stdio.h> // printf\n#include "a.h"\n',
            ("#include <stdio.h>", '#include "a.h"'),
        ),
        ("c", "#include <cut", ()),
        ("cpp", "#include <map>\nusing namespace std;\n", ("#include <map>",)),
        ("php", "<?php\nuse A\\{B, C as D};\n?>", ("use A\\B;", "use A\\C as D;")),
        (
            "ruby",
            "require 'json'\nrequire_relative \"a\"\n",
            ("require 'json'", 'require_relative "a"'),
        ),
        ("swift", "import Foundation;", ("import Foundation",)),
        ("scala", "import a.b.{C, D => E}", ("import a.b.{C, D => E}",)),
        ("json", "import json", ()),
        ("unknown", "import json", ()),
        ("python", "", ()),
    ],
)
def test_what_is_an_import(language_id: str, text: str, expected: tuple[str, ...]) -> None:
    assert import_lines(language_id, text) == expected


_PIECES = st.sampled_from(
    ["import ", "from ", "{", "}", "(", ")", "`", "\n", "'x'", ";", "- ", "#"]
)


@given(
    st.sampled_from(sorted(READERS)), st.lists(st.one_of(_PIECES, st.text(max_size=5))).map("".join)
)
def test_any_text_gives_whole_lines_or_nothing(language_id: str, text: str) -> None:
    for line in import_lines(language_id, text):
        assert len(line.splitlines()) == 1
        assert import_lines(language_id, line) == (line,)


@given(st.data())
def test_whole_statements_are_read_again_as_they_are_given(data: st.DataObject) -> None:
    language_id = data.draw(st.sampled_from(sorted(SAMPLES)))
    sample = SAMPLES[language_id]
    lines = data.draw(st.lists(st.sampled_from([*sample.imports, *sample.wanted])))
    found = import_lines(language_id, "\n".join(lines))
    assert import_lines(language_id, "\n".join(found)) == found
    wanted = [line for line in lines if line in sample.wanted]
    assert bool(wanted) <= bool(found)
