"""The invariants of the aligner on drawn texts; then its decisions, case by case."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.choices import Publish
from lsp_server.edit.align import Aligner, Candidate
from lsp_server.edit.diff import churn, minimal_churn
from lsp_server.edit.words import words
from lsp_server.errors import ContractError
from lsp_server.text.lines import split_lines

# -- what is drawn ---------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "",
        "a",
        "}",
        "    }",
        "    return value",
        "    return values",
        "\treturn value",
        "def first(one, two):",
        "def first(one, two, three):",
        "def second(one, two):",
        "    total = compute(value, 1)",
        "    total = compute(value, 2)",
        "    result = compute(value, 2)",
        "    result = compute(",
        "        value,",
        "        2,",
        "    )",
        "# größe 𝒳 \f \u2028 é",
    ]
)
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


@st.composite
def originals(draw: st.DrawFn) -> str:
    """Lines with mixed ends; the last one has an end or not."""
    text = "".join(draw(LINES) + draw(ENDS) for _ in range(draw(st.integers(0, 12))))
    return text + draw(st.sampled_from(["", "", "last", "    return value"]))


@st.composite
def answers(draw: st.DrawFn, original: str) -> str:
    """What a model might make of the original: kept, changed, new, dropped and moved lines."""
    old = [re.sub(r"[\r\n]+$", "", line) for line in split_lines(original)]
    new: list[str] = []
    index = 0
    while index < len(old):
        match draw(st.integers(0, 9)):
            case 0:
                new.append(draw(LINES))
            case 1:
                index += draw(st.integers(1, 5))
            case 2:
                new.append(old[index].replace("value", "amount"))
                index += 1
            case 3:
                index = draw(st.integers(0, index)) if len(new) < 20 else len(old)
            case _:
                new.append(old[index])
                index += 1
    new += draw(st.lists(LINES, max_size=2))
    return "\n".join(new) + draw(st.sampled_from(["", "", "\n"]))


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """An original and an answer to it."""
    original = draw(originals())
    return original, draw(st.one_of(answers(original), originals().map(normal)))


@st.composite
def chunked_edits(draw: st.DrawFn) -> tuple[str, list[str]]:
    """An original and an answer to it in chunks."""
    original, answer = draw(edits())
    places = sorted(draw(st.sets(st.integers(0, len(answer)), max_size=12)))
    bounds = [0, *places, len(answer)]
    return original, [answer[a:b] for a, b in pairwise(bounds)]


def normal(text: str) -> str:
    """The text with "\\n" as its line ends."""
    return re.sub(r"\r\n|\r", "\n", text)


def aligned(original: str, answer: str, publish: Publish = Publish.SYNTAX) -> Aligner:
    """An aligner that has got all of the answer, but not its end."""
    aligner = Aligner(original, publish=publish)
    aligner.push(answer)
    return aligner


def shown(aligner: Aligner) -> list[str]:
    """The texts of all states, repetitions left out."""
    states = [aligner.state(candidate) for candidate in aligner.candidates]
    return [s for i, s in enumerate(states) if i == 0 or s != states[i - 1]]


# -- invariants -----------------------------------------------------------------------------------


@given(chunked_edits(), st.sampled_from(Publish), st.sets(st.integers(0, 12)))
def test_the_end_is_exactly_the_answer(
    edit: tuple[str, list[str]], publish: Publish, pauses: set[int]
) -> None:
    original, chunks = edit
    aligner = Aligner(original, publish=publish)
    for index, chunk in enumerate(chunks):
        aligner.push(chunk)
        if index in pauses:
            aligner.stalled()
            aligner.show_begun()
    aligner.finish()
    assert aligner.latest == Candidate(len(aligner.output), len(original), aligner.latest.inside)
    assert aligner.state(aligner.latest) == aligner.output
    assert normal(aligner.output) == "".join(chunks)


@given(chunked_edits(), st.sampled_from(Publish), st.integers(0, 12))
def test_places_never_go_back_and_shown_output_never_changes(
    edit: tuple[str, list[str]], publish: Publish, pause: int
) -> None:
    original, chunks = edit
    aligner = Aligner(original, publish=publish)
    settled = ""
    for index, chunk in enumerate(chunks):
        aligner.push(chunk)
        if index >= pause:
            aligner.stalled()
            aligner.show_begun()
        assert aligner.output.startswith(settled)
        settled = aligner.text(0, aligner.latest.answer)
    aligner.finish()
    assert aligner.output.startswith(settled)
    for before, after in pairwise(aligner.candidates):
        assert before.answer <= after.answer and before.original <= after.original
        changes = aligner.changes(before, after)
        assert changes.apply(aligner.state(before)) == aligner.state(after)


@given(chunked_edits(), st.sampled_from([Publish.SYNTAX, Publish.LINE]))
def test_the_cuts_do_not_depend_on_the_chunks(
    edit: tuple[str, list[str]], publish: Publish
) -> None:
    original, chunks = edit
    aligner = Aligner(original, publish=publish)
    for chunk in chunks:
        aligner.push(chunk)
    at_once = aligned(original, "".join(chunks), publish)
    assert list(aligner.candidates) == list(at_once.candidates)
    aligner.finish()
    at_once.finish()
    assert list(aligner.candidates) == list(at_once.candidates)
    assert aligner.output == at_once.output


@given(edits(), st.sampled_from(Publish), st.data())
def test_without_an_end_nothing_goes_that_was_not_passed(
    edit: tuple[str, str], publish: Publish, data: st.DataObject
) -> None:
    original, answer = edit
    answer = answer[: data.draw(st.integers(0, len(answer)))]
    aligner = aligned(original, answer, publish)
    if data.draw(st.booleans()):
        aligner.stalled()
        aligner.show_begun()
    assert_everything_lost_was_passed(aligner, original)


def assert_everything_lost_was_passed(aligner: Aligner, original: str) -> None:
    """Each candidate lies behind or at an original line that has a pair in the answer."""
    starts = [0]
    for text in split_lines(original):
        starts.append(starts[-1] + len(text))
    paired = {pair.original for pair in aligner.pairs}
    for candidate in [*aligner.candidates, aligner.raw()]:
        if candidate.original in starts:
            line = starts.index(candidate.original)
            if line == 0 or line - 1 in paired or line in paired:
                continue
        line = max(i for i, start in enumerate(starts) if start < candidate.original)
        passed = original[starts[line] : candidate.original]
        *_, above, written = ["", *normal(aligner.text(0, candidate.answer)).split("\n")]
        if not written:
            written, passed = above, passed.rstrip()  # Line n is broken into several.
        assert written.startswith(passed) or words(passed)[-1] in written


@given(edits())
def test_pairs_are_in_order_and_equal_pairs_keep_their_bytes(edit: tuple[str, str]) -> None:
    original, answer = edit
    aligner = aligned(original, answer)
    aligner.finish()
    old, new = split_lines(original), answer.split("\n")
    offsets = [0]
    for line in split_lines(aligner.output):
        offsets.append(offsets[-1] + len(line))
    for before, after in pairwise(aligner.pairs):
        assert before.answer < after.answer and before.original < after.original
    written = split_lines(aligner.output)
    for pair in aligner.pairs:
        if not pair.equal or not new[pair.answer]:
            continue
        line = old[pair.original]
        assert line.rstrip("\r\n") == new[pair.answer]
        if line != new[pair.answer] and pair.answer + 1 < len(new):
            assert written[pair.answer] == line


@given(originals(), st.sampled_from(Publish))
def test_an_unchanged_scope_is_never_edited(original: str, publish: Publish) -> None:
    aligner = aligned(original, normal(original), publish)
    aligner.finish()
    assert shown(aligner) == [original]


@given(st.text(), st.text(), st.sampled_from(Publish))
def test_any_text_may_come(original: str, answer: str, publish: Publish) -> None:
    answer = normal(answer)
    aligner = aligned(original, answer, publish)
    aligner.stalled()
    aligner.finish()
    assert normal(aligner.output) == answer


# -- what it decides -----------------------------------------------------------------------------

CLASS = """\
class Stock:
    def __init__(self, name, price):
        self.name = name
        self.price = price

    def label(self):
        return self.name + str(self.price)

    def worth(self, count):
        return self.price * count
"""


def test_equal_lines_wait_for_nothing() -> None:
    aligner = aligned(CLASS, CLASS[:60])
    assert not aligner.waiting
    assert aligner.latest.original == aligner.latest.answer


def test_a_new_line_that_is_like_one_near_is_shown_after_the_look_ahead() -> None:
    head = CLASS.splitlines(keepends=True)[:3]
    new = '        self.label_color = "red"\n'
    aligner = aligned(CLASS, "".join(head) + new)
    assert aligner.waiting and shown(aligner) == [CLASS]
    aligner.push("        self.price = price\n\n")
    assert shown(aligner)[-1] == CLASS.replace(head[2], head[2] + new)


@pytest.mark.parametrize("new", ["import logging\n", "if (debug) {\n}\n", "import re\n\n"])
def test_a_line_like_none_near_and_a_slight_one_behind_it_are_new_at_once(new: str) -> None:
    aligner = aligned(CLASS, new)
    assert shown(aligner)[-1] == new + CLASS
    assert not aligner.waiting


BEGUN = {
    "a new line": (CLASS, 3, "        log.debug(nam", "        log.debug("),
    "its last word may grow": (CLASS, 3, "        log", None),
    "it begins like the next line": (CLASS, 3, "        self.colour = ", None),
    "it begins like one further on": (CLASS, 3, "        return sel", None),
    "prose in front of all": ("One, two.\n\nThree.\n", 0, "Every first lin", "Every first"),
    "the first line's indentation is not known": (CLASS.lstrip("clas"), 0, "import sy", None),
    "behind the last line": ("a = 1\nb = 2", 2, "print(b", "print("),
    "with the original's line ends": ("a = 1\r\nb = 2\r\n", 1, "print(b", "print("),
}


@pytest.mark.parametrize("name", BEGUN)
def test_of_a_line_that_can_only_be_new_the_words_are_shown(name: str) -> None:
    original, lines, begun, head = BEGUN[name]
    above = "".join(split_lines(original)[:lines])
    end = "\r\n" if "\r" in original else "\n"
    aligner = Aligner(original, end)
    aligner.push(normal(above) + ("\n" if original == "a = 1\nb = 2" else "") + begun)
    aligner.show_begun()
    if head is None:
        assert shown(aligner) == [original]
        return
    below = original[len(above) :]
    expected = above + head + end + below if below else f"{above}\n{head}"
    assert shown(aligner) == [original, expected]
    assert aligner.changes(aligner.candidates[0], aligner.latest).deleted == 0
    aligner.push(" + 1)\n" + normal(below))
    aligner.finish()
    assert aligner.state(aligner.latest) == aligner.output


def test_a_pause_decides_what_waits_for_look_ahead() -> None:
    aligner = aligned("one line\ntwo lines\n", "one or two\n")
    assert shown(aligner) == ["one line\ntwo lines\n"]
    aligner.stalled()
    assert shown(aligner)[-1] == "one or two\none line\ntwo lines\n"


ROUTES = """\
router.get('/items', listItems);
router.get('/items/:id', getItem);
router.get('/users', listUsers);
router.get('/users/:id', getUser);
router.get('/carts', listCarts);
"""


def test_a_line_that_is_like_many_may_be_one_more_of_them() -> None:
    lines = ROUTES.splitlines(keepends=True)
    new = "router.get('/posts', listPosts);\n"
    aligner = aligned(ROUTES, lines[0] + new)
    assert aligner.waiting and shown(aligner) == [ROUTES]
    aligner.push("".join(lines[1:3]))
    assert shown(aligner) == [ROUTES, ROUTES.replace(lines[1], new + lines[1])]


def test_a_line_that_is_like_many_is_one_of_them_when_the_answer_goes_on_behind_it() -> None:
    lines = ROUTES.splitlines(keepends=True)
    changed = ROUTES.replace("'/items/:id', getItem", "'/items/:nr', getItem")
    aligner = aligned(ROUTES, "".join(changed.splitlines(keepends=True)[:4]))
    assert shown(aligner) == [ROUTES, changed]
    assert lines[1] not in aligner.output


def test_a_jump_waits_until_the_answer_goes_on_behind_it() -> None:
    original = "".join(f"step_{chr(97 + i) * 3}({i})\n" for i in range(26))
    lines = original.splitlines(keepends=True)
    aligner = aligned(original, "".join(lines[:5] + lines[9:12]))
    aligner.stalled()
    assert shown(aligner) == [original]  # Four lines are missing: three are no proof.
    aligner.push("".join(lines[12:]))
    assert shown(aligner)[-1] == "".join(lines[:5] + lines[9:])


def test_a_line_met_by_accident_is_no_jump() -> None:
    original = "".join(f"step_{chr(97 + i) * 3}({i})\n" for i in range(26))
    met = original.splitlines(keepends=True)[20]
    new = "".join(f"{chr(97 + i) * 9} = {i * i * 1001}\n" for i in range(26))
    aligner = aligned(original, met + new + new)
    assert shown(aligner)[-1] == met + new + new + original


ITEMS = [
    "- [`acorn`](https://example.org/acorn) a plugin that plants trees and waters them\n",
    "- [`beech`](https://example.org/beech): turns any plugin around, with or without trees\n",
    "- [`cedar`](https://example.org/cedar) to serve what trees have to say, and a plugin\n",
    "- [`elder`](https://example.org/elder) logs every request that a plugin of trees gets\n",
]


@pytest.mark.parametrize("at", range(5))
def test_one_item_more_does_not_rewrite_a_list(at: int) -> None:
    new = "- [`birch`](https://example.org/birch) a plugin to serve trees with, and to wait\n"
    answer = "".join([*ITEMS[:at], new, *ITEMS[at:]])
    original = "".join(ITEMS)
    assert churn_of(original, answer) <= len(new) + 2 * len(ITEMS[0])


def test_look_alike_blocks_before_their_twin_do_not_rewrite_what_follows() -> None:
    def block(name: str) -> str:
        return (
            f"test('{name}', t => {{\n  t.plan(3)\n  const route = {{ path: '{name}' }}\n"
            f"  validate(route)\n  t.equal(route.{name}, true)\n}})\n\n"
        )

    blocks = [block(name) for name in ("body", "query", "params", "headers", "reply", "hooks")]
    original = "".join(blocks)
    answer = "".join([blocks[0], block("cookies"), *blocks[1:]])
    assert churn_of(original, answer) <= 3 * len(block("cookies"))


def test_a_line_broken_into_several_keeps_its_text() -> None:
    original = "start()\nassert_output(dir, [pattern, name], expected)\nstop()\n"
    answer = "start()\nassert_output(\n    dir,\n    [pattern, name],\n    expected,\n)\nstop()\n"
    assert churn_of(original, answer) <= minimal_churn(original, answer) + 8
    aligner = aligned(original, answer.split("    [pattern")[0])
    assert shown(aligner)[-1] == original.replace("(dir, [", "(\n    dir,\n[")


def test_a_line_that_ends_earlier_is_not_taken_for_a_broken_one() -> None:
    original = "start()\nserve(port, [one, two])\nstop()\n"
    answer = "start()\nserve(\nstop()\nlast()\n"
    assert shown(aligned(original, answer))[-1].startswith("start()\nserve(\nstop()\n")


def churn_of(original: str, answer: str) -> int:
    """What an editor writes that is shown each state of the aligner, a line at a time."""
    aligner = Aligner(original)
    written, before = 0, aligner.latest
    for line in answer.splitlines(keepends=True):
        for word in words(line):
            aligner.push(word)
            written += churn(aligner.changes(before, aligner.latest))
            before = aligner.latest
    aligner.finish()
    return written + churn(aligner.changes(before, aligner.latest))


def test_a_similar_line_is_modified_at_once() -> None:
    answer = CLASS.replace("name, price", "name, price=0").split("        self.price")[0]
    aligner = aligned(CLASS, answer)
    assert not aligner.waiting
    assert shown(aligner)[-1] == CLASS.replace("name, price", "name, price=0")


def test_a_line_that_stands_a_little_further_on_is_not_taken_for_its_twin() -> None:
    original = "router.get('/a', one)\nrouter.get('/b', one)\nrouter.get('/c', one)\nend()\n"
    aligner = aligned(original, "router.get('/b', one)\n")
    assert aligner.waiting and shown(aligner) == [original]


def test_a_word_confirms_a_change_inside_the_line() -> None:
    original = "total = compute(values, weights)\nprint(total)\n"
    aligner = aligned(original, "total = combine")
    assert shown(aligner) == [original]  # The word may still grow.
    aligner.push("(v")
    assert shown(aligner)[-1] == original.replace("compute", "combine")
    assert aligner.latest.inside


def test_blanks_confirm_nothing() -> None:
    aligner = aligned("# the first of many words\n", "# the second ")
    assert shown(aligner) == ["# the first of many words\n"]


def test_the_tail_stays_until_the_end_is_proven() -> None:
    aligner = aligned(CLASS, "class Stock:\n")
    assert aligner.state(aligner.latest) == aligner.state(aligner.raw()) == CLASS
    aligner.finish()
    assert aligner.state(aligner.latest) == "class Stock:\n"


def test_raw_is_everything_that_came() -> None:
    aligner = aligned("first_line()\nsecond_line()\n", "new_thing(1)\nfirst_")
    assert shown(aligner) == ["first_line()\nsecond_line()\n"]
    assert aligner.state(aligner.raw()) == "new_thing(1)\nfirst_first_line()\nsecond_line()\n"
    aligner = aligned("first_line()\nsecond_line()\n", "first_step")
    assert aligner.state(aligner.raw()) == "first_stepline()\nsecond_line()\n"


def test_lines_behind_the_last_one_come_with_the_line_end_before_them() -> None:
    aligner = aligned("a = 1\nb = 2", "a = 1\nb = 2\nc = 3\n")
    aligner.stalled()
    assert shown(aligner) == ["a = 1\nb = 2", "a = 1\nb = 2\nc = 3"]
    aligner.finish()
    assert aligner.output == "a = 1\nb = 2\nc = 3\n"


def test_nothing_at_all_is_an_insertion_point() -> None:
    aligner = aligned("", "a = 1\nb = 2\nc = 3\n")
    assert shown(aligner) == ["", "a = 1", "a = 1\nb = 2", "a = 1\nb = 2\nc = 3"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_new_lines_take_the_line_end_and_others_keep_theirs(line_end: str) -> None:
    aligner = Aligner("one\r\ntwo\nthree\rfour\r\n", line_end)
    aligner.push("one\nnew\ntwo\nthree\nfour\n")
    aligner.finish()
    assert aligner.output == f"one\r\nnew{line_end}two\nthree\rfour\r\n"


def test_an_empty_line_does_not_melt_into_a_lone_carriage_return() -> None:
    aligner = aligned("one\r\ntwo(arguments)\rthree\n\n", "two(arguments)\n\n")
    aligner.finish()
    assert split_lines(aligner.output) == ["two(arguments)\r", "\r"]


def test_line_mode_shows_every_complete_line() -> None:
    aligner = aligned("old\n", "new thing\nother", Publish.LINE)
    assert shown(aligner) == ["old\n", "new thing\nold\n"]


def test_token_mode_shows_everything_that_came() -> None:
    aligner = Aligner("old\n", publish=Publish.TOKEN)
    for token in ("new", " thi", "ng\n"):
        aligner.push(token)
    assert shown(aligner) == ["old\n", "newold\n", "new thiold\n", "new thing\nold\n"]


def test_what_is_held_can_be_shown_later() -> None:
    aligner = aligned("one line\ntwo lines\n", "something new\n")
    aligner.publish_as(Publish.LINE)
    assert shown(aligner)[-1] == "something new\none line\ntwo lines\n"


def test_no_more_may_come_behind_the_end() -> None:
    aligner = aligned("a", "b")
    aligner.finish()
    aligner.finish()
    with pytest.raises(ContractError):
        aligner.push("c")


# -- streaming costs little more than one edit -----------------------------------------------------


def streamed_churn(original: str, answer: str) -> int:
    """What all states together insert and delete, in code points."""
    aligner = aligned(original, answer)
    aligner.finish()
    pairs = pairwise(aligner.candidates)
    return sum(churn(aligner.changes(before, after)) for before, after in pairs)


METHODS = [
    f"    def {name}(self, key):\n        found = self.{name}_of[key]\n        return found\n\n"
    for name in ("size", "colour", "owner", "weight", "origin", "label", "height", "grade")
]
ADDED = """    @property\n    def total(self):\n        return sum(self.sizes)\n\n"""
BODY = "class Store:\n" + "".join(METHODS)


@pytest.mark.parametrize(
    ("name", "answer", "most"),
    [
        ("rename", BODY.replace("found", "entry"), 1.6),
        ("delete a block", BODY.replace("".join(METHODS[2:5]), ""), 1.3),
        ("insert a function", BODY.replace(METHODS[3], ADDED + METHODS[3]), 1.6),
        ("re-indent", BODY.replace("\n    ", "\n        "), 1.1),
        ("a blank line between all", BODY.replace("\n", "\n\n"), 1.1),
        ("append", BODY + "    def last(self):\n        return None\n", 1.0),
    ],
)
def test_churn_is_near_the_least_possible(name: str, answer: str, most: float) -> None:
    assert streamed_churn(BODY, answer) <= most * minimal_churn(BODY, answer), name


@pytest.mark.parametrize("count", [10, -10])
@pytest.mark.parametrize("line", ["", "    x = 1"])
def test_equal_lines_cost_nothing_but_their_difference(line: str, count: int) -> None:
    original, answer = (line + "\n") * 500, (line + "\n") * (500 + count)
    assert streamed_churn(original, answer) == abs(count) * (len(line) + 1)


def test_an_enormous_line_is_one_line() -> None:
    line = " ".join(f"word{i}" for i in range(20_000))
    answer = "head\n" + line.replace("word7 ", "name7 ") + "\ntail\n"
    aligner = aligned(f"head\n{line}\ntail\n", answer)
    aligner.finish()
    assert aligner.output == answer
