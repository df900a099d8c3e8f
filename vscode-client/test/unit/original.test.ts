import assert from "node:assert/strict";
import { test } from "node:test";
import { hunkAt, neighbour, withoutHunks } from "../../src/core/original.js";
import type { Hunk } from "../../src/core/protocol.js";
import { apply, at, dice, hunk, importOffer, range } from "./support.js";

void test("without its hunks a text is the original again", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const roll = dice(seed);
    const original = Array.from({ length: 3 + roll(6) }, (_, i) => `line ${String(i)} abc\n`).join(
      "",
    );
    // Disjoint changes from left to right, and where they are in the result.
    let [place, shift] = [0, 0];
    const changes = [];
    const spans = [];
    while (place < original.length - 4) {
      const from = place + 1 + roll(5);
      const to = Math.min(from + roll(8), original.length);
      if (from >= original.length) break;
      const text = ["", "x", "new\nlines\n", "y = 1"][roll(4)] ?? "";
      changes.push({ range: { start: at(original, from), end: at(original, to) }, text });
      spans.push({
        from: from + shift,
        to: from + shift + text.length,
        before: original.slice(from, to),
      });
      shift += text.length - (to - from);
      place = to + 1;
    }
    const now = apply(original, changes);
    const hunks: Hunk[] = spans.map(({ from, to, before }, i) =>
      hunk(`h${String(i)}`, { start: at(now, from), end: at(now, to) }, before),
    );
    assert.equal(withoutHunks(now, hunks), original, `seed ${String(seed)}`);
  }
});

void test("lines may end with CRLF, and a withheld or offered hunk is not in the text", () => {
  const now = "a\r\nnew\r\nc\r\n";
  const hunks = [
    hunk("h1", range(1, 0, 1, 3), "b"),
    hunk("h2", range(2, 0, 2, 1), "?", { state: "withheld" }),
    importOffer("h3", 0, "import json\n"),
  ];
  assert.equal(withoutHunks(now, hunks), "a\r\nb\r\nc\r\n");
});

void test("the next change is behind the cursor, and after the last one comes the first", () => {
  const hunks = [hunk("h2", range(6, 4, 6, 8)), hunk("h1", range(3, 9, 3, 15))];
  const line = (place: [number, number], by: 1 | -1) =>
    neighbour(hunks, { line: place[0], character: place[1] }, by)?.start.line;
  assert.equal(line([0, 0], 1), 3);
  assert.equal(line([3, 9], 1), 6);
  assert.equal(line([6, 4], 1), 3);
  assert.equal(line([6, 4], -1), 3);
  assert.equal(line([0, 0], -1), 6);
  assert.equal(neighbour([], { line: 0, character: 0 }, 1), undefined);
});

void test("the change that a key means is the one at the cursor, else the nearest in its line", () => {
  const hunks = [
    hunk("h1", range(3, 10, 3, 15)),
    hunk("h2", range(3, 30, 3, 32)),
    hunk("h3", range(5, 4, 7, 2)),
  ];
  const at = (line: number, character: number) => hunkAt(hunks, { line, character })?.id;
  assert.equal(at(3, 12), "h1");
  assert.equal(at(3, 0), "h1");
  assert.equal(at(3, 24), "h2");
  assert.equal(at(3, 40), "h2");
  assert.equal(at(6, 0), "h3");
  assert.equal(at(7, 20), "h3");
  assert.equal(at(4, 0), undefined);
});
