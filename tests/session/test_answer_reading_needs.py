"""Imports that an answer needs are separated from the scope's new text, in every form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.session.answer_reading import AnswerReading
from lsp_server.session.request import Form
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.member_definitions import MemberDefinitions

BEFORE, AFTER = "import os\n\n\n", "\n\n\nlast = 1\n"
SCOPE = "def first():\n    return 1\n\n\ndef second():\n    return 2"
WANTED = SCOPE.replace("return 2", "return json.dumps(2)")
CODE = {
    Form.REWRITE: f"```python\n{WANTED}\n```\n",
    Form.PATCH: (
        "```diff\n@@ -5,2 +5,2 @@\n def second():\n-    return 2\n+    return json.dumps(2)\n```\n"
    ),
    Form.DEFINITIONS: "```python\ndef second():\n    return json.dumps(2)\n```\n",
}
NEEDS = "```needs\nimport json\n```\n"


def names(scope: str) -> DefinitionReader:
    language = language_for("python", "", "")
    return (
        NoDefinitions() if language is None else MemberDefinitions(language, BEFORE, scope, AFTER)
    )


def read(
    reply: str, form: Form = Form.REWRITE, *, step: int = 10**6, completed: bool = True
) -> AnswerReading:
    reading = AnswerReading(
        form, SCOPE, names, before=BEFORE, after=AFTER, language="python", imports=True
    )
    for at in range(0, len(reply), step):
        reading.push(reply[at : at + step])
    reading.finish(completed)
    return reading


def text_of(reading: AnswerReading) -> str:
    return reading.text if reading.new_scope_text is None else reading.new_scope_text


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("step", [1, 7, 10**6])
@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        ("{code}\n{needs}", "import json\n"),
        ("{needs}{code}", "import json\n"),
        ("Here it is:\n\n{code}\nIt needs an import:\n\n{needs}\nDone.\n", "import json\n"),
        ("{code}{needs}{needs}", "import json\n" * 2),
        ("{code}```needs\n```\n", ""),
        ("{code}```needs\nNothing else is needed.\ndef f(): pass\n```", None),
        ("{code}```needs\nimport json", "import json\n"),
    ],
)
def test_a_block_of_imports_is_no_part_of_the_answer(
    form: Form, step: int, reply: str, lines: str | None
) -> None:
    reading = read(reply.format(code=CODE[form], needs=NEEDS), form, step=step)
    assert reading.proven
    assert text_of(reading).rstrip("\n") == WANTED
    assert reading.skipped == ()
    assert lines is None or reading.needs == lines


@pytest.mark.parametrize("form", Form)
def test_the_answers_own_fence_proves_it_although_its_imports_are_cut_off(form: Form) -> None:
    reading = read(f"{CODE[form]}\n```needs\nimport json\nimport re", form, completed=False)
    assert text_of(reading).rstrip("\n") == WANTED
    assert reading.proven
    assert reading.needs == "import json\n"


def test_nothing_stops_the_stream_while_imports_are_coming() -> None:
    reading = AnswerReading(
        Form.REWRITE, SCOPE, names, before=BEFORE, after=AFTER, language="python", imports=True
    )
    prose = "This replaces the number by its text in JSON, as you have wanted:\n"
    end = "The new import is from the standard library, so nothing has to be installed.\n"
    pieces = (CODE[Form.REWRITE] + prose, "```needs\n", "import json\n```\n", end)
    assert [(reading.push(piece), reading.spent)[1] for piece in pieces] == [False] * 3 + [True]
    assert reading.needs == "import json\n"


def test_prose_is_read_for_a_while_because_imports_may_follow() -> None:
    for imports, piece_of_the_end in ((False, 1), (True, 3)):
        reading = AnswerReading(
            Form.REWRITE,
            SCOPE,
            names,
            before=BEFORE,
            after=AFTER,
            language="python",
            imports=imports,
        )
        reading.push(CODE[Form.REWRITE])
        prose = "It turns the number into a text, and that text is what JSON makes of the number. "
        spent = [(reading.push(prose), reading.spent)[1] for _ in range(3)]
        assert spent.index(True) + 1 == piece_of_the_end


@pytest.mark.parametrize("form", [Form.REWRITE, Form.DEFINITIONS])
def test_imports_in_front_of_the_code_are_needed_too(form: Form) -> None:
    reply = CODE[form].replace("```python\n", "```python\nimport os\nimport json\n\n\n")
    reading = read(reply, form)
    assert reading.proven
    assert text_of(reading).rstrip("\n") == WANTED
    assert [line for line in reading.removed_imports if line != "import os"] == ["import json"]
    assert reading.skipped == ()


def test_imports_of_a_part_of_the_scope_are_not_lost() -> None:
    code = CODE[Form.DEFINITIONS].replace("```python\n", "```python\nimport json\n\n\n")
    reading = read(code)
    assert text_of(reading).rstrip("\n") == WANTED
    assert reading.removed_imports == ("import json",)


def test_a_draft_in_the_models_reasoning_does_not_count() -> None:
    for start in ("<think>\n", ""):
        reading = read(
            f"{start}Maybe:\n```needs\nimport yaml\n```\n</think>\n{CODE[Form.REWRITE]}{NEEDS}"
        )
        assert text_of(reading).rstrip("\n") == WANTED
        assert reading.needs == "import json\n"


def test_a_document_whose_imports_are_not_asked_for_is_read_as_ever() -> None:
    reading = AnswerReading(
        Form.REWRITE, SCOPE, names, before=BEFORE, after=AFTER, language="python"
    )
    reading.push(CODE[Form.REWRITE] + NEEDS)
    reading.finish(True)
    assert (text_of(reading).rstrip("\n"), reading.needs) == (WANTED, "")


_PIECES = st.lists(
    st.sampled_from(
        [*CODE.values(), NEEDS, "```needs\n", "import json\n", "Prose.\n", "\n", "```"]
    ),
    max_size=5,
).map("".join)


@given(_PIECES, st.sampled_from(Form), st.integers(1, 40), st.booleans())
def test_the_result_does_not_depend_on_the_chunks(
    reply: str, form: Form, step: int, completed: bool
) -> None:
    one, other = (read(reply, form, step=s, completed=completed) for s in (step, 10**6))
    assert (text_of(one), one.proven, one.needs, one.removed_imports) == (
        text_of(other),
        other.proven,
        other.needs,
        other.removed_imports,
    )
