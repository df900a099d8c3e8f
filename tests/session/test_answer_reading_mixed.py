"""Answers with lines that look like code in front of a block: the block is the answer."""

import pytest

from benchmarks.real_model.offline import read_reply

TEXT = "def f(a):\n    b = a + 1\n    print(b)\n    return b\n"
SCOPE = (TEXT.index("b = "), TEXT.index("return b") + len("return b"))
BLOCK = "```python\n    b = a + 2\n    return b\n```\n"
NEW = "def f(a):\n    b = a + 2\n    return b\n"


@pytest.mark.parametrize(
    "before",
    [
        "b = a + 1 becomes b = a + 2\n\n",
        "b = a + 2\nreturn b\n\nPut together:\n\n",
        "The line\n\n    b = a + 1\n\nis now\n\n    b = a + 2\n\n",
        "Before:\n    b = a + 1\nAfter:\n    b = a + 2\n\n",
        "f(a) = a + 1 before, f(a) = a + 2 now\n\n",
    ],
)
@pytest.mark.parametrize("info", ["python", ""])
def test_the_block_is_the_answer(before: str, info: str) -> None:
    reply = before + BLOCK.replace("python", info)
    found = read_reply(TEXT, *SCOPE, "python", "do it", reply)
    assert found.text == NEW


def test_code_without_a_fence_stays_the_answer_where_the_block_only_uses_it() -> None:
    reply = "    b = a + 1\n    return b\n\nUse it so:\n\n```python\nprint(f(1))\n```\n"
    found = read_reply(TEXT, *SCOPE, "python", "do it", reply)
    assert found.text == TEXT.replace("    print(b)\n", "")
