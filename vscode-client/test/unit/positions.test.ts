import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Change,
  carry,
  carryRange,
  endOf,
  overlaps,
  touches,
} from "../../src/core/positions.js";
import { apply, at, dice, range } from "./support.js";

void test("a text ends where its last line ends, whatever ends its lines", () => {
  const start = { line: 3, character: 4 };
  assert.deepEqual(endOf(start, ""), start);
  assert.deepEqual(endOf(start, "ab"), { line: 3, character: 6 });
  assert.deepEqual(endOf(start, "ab\ncde"), { line: 4, character: 3 });
  assert.deepEqual(endOf(start, "ab\r\ncde\r\n"), { line: 5, character: 0 });
  assert.deepEqual(endOf(start, "a\rb"), { line: 4, character: 1 });
});

void test("a place that no change touches keeps the character that stands there", () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const roll = dice(seed);
    const text = Array.from({ length: 1 + roll(5) }, (_, i) => `line ${String(i)}`).join("\n");
    // Letters of their own, so that each can be found again.
    const marked = Array.from(text)
      .map((c, i) => (c === "\n" ? c : String.fromCharCode(0x4e00 + i)))
      .join("");
    const from = roll(marked.length);
    const to = from + roll(marked.length - from);
    const put = ["", "x", "xy\nz", "\n"][roll(4)] ?? "";
    const change: Change = { range: { start: at(marked, from), end: at(marked, to) }, text: put };
    const after = apply(marked, [change]);
    for (const [i, character] of Array.from(marked).entries()) {
      if (character === "\n" || (i >= from && i < to)) continue;
      const place = carry(at(marked, i), change, "after");
      const lines = after.split("\n");
      assert.equal(lines[place.line]?.[place.character], character, `seed ${String(seed)}`);
    }
  }
});

void test("what is inserted at an edge belongs to the range only if it grows", () => {
  const where = range(1, 2, 1, 5);
  const atStart = { range: range(1, 2, 1, 2), text: "ab" };
  const atEnd = { range: range(1, 5, 1, 5), text: "cd" };
  assert.deepEqual(carryRange(where, [atStart], true), range(1, 2, 1, 7));
  assert.deepEqual(carryRange(where, [atStart], false), range(1, 4, 1, 7));
  assert.deepEqual(carryRange(where, [atEnd], true), range(1, 2, 1, 7));
  assert.deepEqual(carryRange(where, [atEnd], false), range(1, 2, 1, 5));
});

void test("an empty range is not turned inside out by an insertion", () => {
  const where = range(2, 3, 2, 3);
  const here = { range: where, text: "abc" };
  const { start, end } = carryRange(where, [here], false);
  assert.deepEqual(start, end);
});

void test("several changes of one event all speak of the text before it", () => {
  const changes = [
    { range: range(0, 0, 0, 0), text: "import x\n" },
    { range: range(4, 0, 5, 0), text: "" },
  ];
  for (const order of [changes, [...changes].reverse()]) {
    assert.deepEqual(carryRange(range(6, 1, 7, 2), order, true), range(6, 1, 7, 2));
    assert.deepEqual(carryRange(range(1, 0, 2, 0), order, true), range(2, 0, 3, 0));
  }
});

void test("touching is not overlapping", () => {
  assert.equal(touches(range(0, 0, 1, 0), range(1, 0, 2, 0)), true);
  assert.equal(overlaps(range(0, 0, 1, 0), range(1, 0, 2, 0)), false);
  assert.equal(overlaps(range(0, 0, 1, 1), range(1, 0, 2, 0)), true);
});
