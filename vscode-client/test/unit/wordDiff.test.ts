import assert from "node:assert/strict";
import { test } from "node:test";
import { unseen, wholeWords } from "../../src/core/wordDiff.js";
import { dice, hunk, range } from "./support.js";

const whole = (text: string, ...hunks: Parameters<typeof wholeWords>[0]) =>
  wholeWords(hunks, () => text).map((one) => [
    text.slice(one.range.start.character, one.range.end.character),
    one.before,
  ]);

void test("a rename is drawn as a whole name that became another", () => {
  assert.deepEqual(whole("    total = 0", hunk("h1", range(0, 5, 0, 9), "mp")), [["total", "tmp"]]);
  assert.deepEqual(whole("area(radius)", hunk("h1", range(0, 6, 0, 11))), [["radius", "r"]]);
  assert.deepEqual(whole("f(tmp)", hunk("h1", range(0, 5, 0, 5), "s")), [["tmp", "tmps"]]);
});

void test("two changes in one word are one", () => {
  const [first, second] = [hunk("h1", range(0, 0, 0, 1), "b"), hunk("h2", range(0, 3, 0, 4), "x")];
  assert.deepEqual(whole("cart = 1", first, second), [["cart", "barx"]]);
});

void test("what ends at a sign stays as it is, and so do whole words and whole lines", () => {
  assert.deepEqual(whole('log(f"no")', hunk("h1", range(0, 4, 0, 5))), [["f", ""]]);
  assert.deepEqual(whole("a + b", hunk("h1", range(0, 4, 0, 5), "c")), [["b", "c"]]);
  const lines = hunk("h1", range(0, 0, 2, 0), "one\ntwo\n");
  assert.deepEqual(
    wholeWords([lines], () => "x"),
    [lines],
  );
});

void test("without the words that are drawn for them, the old line comes out", () => {
  const roll = dice(5);
  const letters = "ab (";
  for (let n = 0; n < 500; n++) {
    const pick = (length: number): string =>
      Array.from({ length }, () => letters[roll(letters.length)]).join("");
    const [parts, olds, news] = [
      [0, 0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ].map((some) => some.map(() => pick(roll(3)))) as [string[], string[], string[]];
    const old = parts.map((part, i) => part + (olds[i] ?? "")).join("");
    const now = parts.map((part, i) => part + (news[i] ?? "")).join("");
    let at = 0;
    const hunks = news.map((text, i) => {
      at += (parts[i] ?? "").length;
      const one = hunk(`h${String(i)}`, range(0, at, 0, at + text.length), olds[i] ?? "");
      at += text.length;
      return one;
    });
    let back = now;
    for (const one of wholeWords(hunks, () => now).reverse()) {
      const { start, end } = one.range;
      back = back.slice(0, start.character) + one.before + back.slice(end.character);
    }
    assert.equal(back, old, JSON.stringify([now, hunks]));
  }
});

void test("held text that the document shows already is not shown again", () => {
  const document = ["def f():", "    return 1", "    # end"];
  const textOf = (line: number): string => document[line] ?? "";
  const place = (line: number, character: number) => ({ line, character });
  const held = (character: number, text: string) =>
    unseen({ position: place(1, character), text }, textOf);
  assert.deepEqual(held(11, "return 1"), ["return 1"]);
  assert.deepEqual(held(12, "return 1"), []);
  assert.deepEqual(held(4, "return 1"), []);
  assert.deepEqual(held(4, "return 1\n    # end\n    # more"), ["    # more"]);
  assert.deepEqual(held(4, "return 2"), ["return 2"]);
});
