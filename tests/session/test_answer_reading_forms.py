"""Answers in another form than requested, wherever in the reply it begins."""

import pytest

from benchmarks.real_model.offline import read_reply

TEXT = "function f(a) {\n  const b = a + 1;\n  console.log(b);\n  return b;\n}\n"
SCOPE = (TEXT.index("const b"), TEXT.index("return b;") + len("return b;"))
NEW = "function f(a) {\n  const b = a + 2;\n  return b;\n}\n"
CHAT = "Sure!\n\nI looked at it.\n\nThe sum is changed.\n\nThe log is removed.\n\nHere it is:\n\n"
HUNK = "-  const b = a + 1;\n-  console.log(b);\n+  const b = a + 2;\n   return b;\n"
HEADED = f"--- a/a.js\n+++ b/a.js\n@@ -2,3 +2,2 @@\n{HUNK}"
SEARCH = (
    "<<<<<<< SEARCH\n  const b = a + 1;\n  console.log(b);\n=======\n  const b = a + 2;\n"
    ">>>>>>> REPLACE\n"
)
ENVELOPE = f"*** Begin Patch\n*** Update File: a.js\n@@\n{HUNK}*** End Patch\n"
WRAPPED = '{"note": "adds two", "code": "  const b = a + 2;\\n  return b;"}\n'


@pytest.mark.parametrize("before", ["", CHAT])
@pytest.mark.parametrize(
    "answer",
    [
        *(f"```diff\n{diff}```\n" for diff in (HUNK, HEADED)),
        *(f"```js\n{diff}```\n" for diff in (HUNK, HEADED, SEARCH, ENVELOPE)),
        *(f"```\n{diff}```\n" for diff in (HUNK, HEADED)),
        *(HEADED, SEARCH, ENVELOPE, f"src/a.js\n{SEARCH}"),
        *(f"```json\n{WRAPPED}```\n", WRAPPED, f"[{WRAPPED.strip()}]"),
    ],
)
def test_an_answer_is_read_in_the_form_that_it_has(before: str, answer: str) -> None:
    assert read_reply(TEXT, *SCOPE, "javascript", "do it", before + answer).text == NEW


def test_in_markdown_a_block_that_says_diff_is_one_where_it_changes_the_scope() -> None:
    text = "# T\n\nSome text here.\nMore text.\n"
    reply = "```diff\n Some text here.\n-More text.\n+Other text.\n```\n"
    found = read_reply(text, 5, len(text) - 1, "markdown", "do it", reply)
    assert found.text == "# T\n\nSome text here.\nOther text.\n"


@pytest.mark.parametrize(
    ("language", "scope", "answer"),
    [
        ("python", "total", "-total"),
        ("yaml", "items:\n  a: 1\n  b: 2", "items:\n- a: 1\n- b: 2"),
        ("javascript", "x = a", "x = {\n  'a': 'b'\n}"),
    ],
)
def test_signs_and_braces_of_the_code_itself_stay(language: str, scope: str, answer: str) -> None:
    found = read_reply(scope + "\n", 0, len(scope), language, "do it", f"```\n{answer}\n```\n")
    assert found.text == answer + "\n"


@pytest.mark.parametrize("closing", ["</think>", "[/THINK]", "...done thinking.", "</reasoning>"])
def test_a_draft_before_the_end_of_thoughts_is_not_the_answer(closing: str) -> None:
    draft = "```js\n  const b = a + 3;\n  return b;\n```\n"
    reply = f"We try:\n{draft}No, two.\n{closing}\n\n{draft.replace('3', '2')}"
    assert read_reply(TEXT, *SCOPE, "javascript", "do it", reply).text == NEW


@pytest.mark.parametrize(
    "words",
    [
        "Wait, that adds three. Let me fix it:",
        "Oops, a mistake.",
        "Here is the corrected version:",
        "Final code:",
        "修正后的代码：",
        "Korrigiert:",
    ],
)
def test_a_block_that_corrects_the_first_one_is_the_answer(words: str) -> None:
    draft = "```js\n  const b = a + 3;\n  return b;\n```\n"
    reply = f"Draft:\n{draft}\n{words}\n\n{draft.replace('3', '2')}\nDone.\n"
    assert read_reply(TEXT, *SCOPE, "javascript", "do it", reply).text == NEW


@pytest.mark.parametrize(
    ("words", "later"),
    [
        ("You can use it so:", "  const b = a + 3;\n  return b;"),
        ("The final call:", "console.log(f(1));"),
        ("The corrected code replaces this:", "{scope}"),
    ],
)
def test_other_blocks_behind_the_answer_are_none(words: str, later: str) -> None:
    scope = TEXT[slice(*SCOPE)].strip("\n")
    block = "  const b = a + 2;\n  return b;"
    later = later.replace("{scope}", f"  {scope}")
    reply = f"```js\n{block}\n```\n{words}\n```js\n{later}\n```\n"
    assert read_reply(TEXT, *SCOPE, "javascript", "do it", reply).text == NEW
