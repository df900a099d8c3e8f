"""The `needs` blocks of a reply are separated from the answer, wherever they stand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.reply.needs_block import MOST_NEEDED, NeedsBlocks

CODE = "```python\ndef f():\n    return json.dumps(1)\n```\n"
NEEDS = "```needs\nimport json\nimport os\n```\n"


def separated(
    reply: str, scope: str = "", *, step: int = 10**6, completed: bool = True
) -> tuple[str, str]:
    """The reply without its `needs` blocks, and their lines."""
    blocks = NeedsBlocks(scope)
    rest = "".join(blocks.push(reply[at : at + step]) for at in range(0, len(reply), step))
    rest += blocks.finish(completed)
    return rest, blocks.lines


@pytest.mark.parametrize(
    ("reply", "rest", "lines"),
    [
        pytest.param(CODE + "\n" + NEEDS, CODE + "\n", "import json\nimport os\n", id="after"),
        pytest.param(NEEDS + CODE, CODE, "import json\nimport os\n", id="before"),
        pytest.param(CODE + NEEDS + NEEDS, CODE, "import json\nimport os\n" * 2, id="two"),
        pytest.param(CODE + "```needs\n```\n", CODE, "", id="empty"),
        pytest.param(CODE + "```needs\nimport json", CODE, "import json\n", id="not closed"),
        pytest.param(
            CODE + "~~~ Needs\nimport json\n~~~\nDone.",
            CODE + "Done.",
            "import json\n",
            id="tildes",
        ),
        pytest.param(
            "```needs\nimport json\n" + CODE, CODE, "import json\n", id="never closed, then code"
        ),
        pytest.param(
            CODE.removesuffix("```\n") + NEEDS,
            CODE.removesuffix("```\n"),
            "import json\nimport os\n",
            id="the code's fence is missing",
        ),
        pytest.param(
            "`" + CODE.replace("```\n", "````\n") + NEEDS,
            "`" + CODE.replace("```\n", "````\n"),
            "import json\nimport os\n",
            id="a longer fence around the code",
        ),
        pytest.param(
            f"````python\nA = '''\n{NEEDS}'''\n````\n",
            f"````python\nA = '''\n{NEEDS}'''\n````\n",
            "",
            id="inside of a longer fence",
        ),
        pytest.param(
            "def f():\n    pass\n" + NEEDS,
            "def f():\n    pass\n",
            "import json\nimport os\n",
            id="code without a fence",
        ),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_blocks_are_taken_out(reply: str, rest: str, lines: str, ends: str) -> None:
    found = separated(reply.replace("\n", ends))
    assert found == (rest.replace("\n", ends), lines.replace("\n", ends)) or (
        # The last line gets the line end that it lacks.
        found[0] == rest.replace("\n", ends)
        and found[1].split() == lines.split()
        and not reply.endswith("\n")
    )


def test_a_line_of_the_scope_opens_no_block() -> None:
    reply = f"```python\nA = '''\n{NEEDS}'''\n```\n"
    assert separated(reply, scope="A = '''\n```needs\n'''") == (reply, "")


@pytest.mark.parametrize("cut", range(len(NEEDS) + 1))
def test_a_cut_loses_only_the_incomplete_line(cut: int) -> None:
    rest, lines = separated(CODE + NEEDS[:cut], completed=False)
    whole = NEEDS[:cut].split("\n")[1:-1]
    assert lines == "".join(f"{line}\n" for line in whole if not line.startswith("`"))
    assert rest.startswith(CODE)
    assert "needs" not in rest and "import" not in rest


def test_more_lines_are_waited_for_up_to_a_limit() -> None:
    blocks = NeedsBlocks("")
    many = "import a\n" * (MOST_NEEDED // 9 + 1)
    waits = [
        (blocks.push(piece), blocks.is_open)[1] for piece in (CODE, "``", "`needs\n", "x", many)
    ]
    assert waits == [False, True, True, True, False]
    assert 0 < len(blocks.lines) <= MOST_NEEDED


_PIECES = st.lists(
    st.sampled_from(
        ["```", "````", "~~~", "needs", "python", "\n", "\r\n", " ", "import json", "x", "`", "\t"]
    ),
    max_size=40,
).map("".join)


@given(_PIECES, st.lists(st.integers(0, 200), max_size=12), st.booleans())
def test_the_result_does_not_depend_on_the_pieces(
    reply: str, cuts: list[int], completed: bool
) -> None:
    blocks = NeedsBlocks("")
    places = [0, *sorted(min(cut, len(reply)) for cut in cuts), len(reply)]
    rest = "".join(blocks.push(reply[a:b]) for a, b in pairwise(places))
    rest += blocks.finish(completed)
    assert (rest, blocks.lines) == separated(reply, completed=completed)


@given(_PIECES)
def test_a_reply_without_the_word_comes_through_whole(reply: str) -> None:
    reply = reply.replace("needs", "need")
    assert separated(reply) == (reply, "")
