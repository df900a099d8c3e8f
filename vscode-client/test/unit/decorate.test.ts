import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "../../src/core/decorate.js";
import { hunk, range, session } from "./support.js";

const lengthOf = (line: number): number => 10 + line;

void test("what the model wrote is tinted, what it took inside of a line is struck before it", () => {
  const hunks = [hunk("h1", range(2, 4, 2, 9), "width*height")];
  const drawing = draw(session({ hunks }), lengthOf);
  assert.deepEqual(drawing.inserted, [range(2, 4, 2, 9)]);
  assert.deepEqual(drawing.struck, [{ position: { line: 2, character: 4 }, text: "width*height" }]);
  assert.deepEqual(drawing.gone, []);
});

void test("lines that are gone stand behind those that replaced them, the rest behind the last", () => {
  const hunks = [hunk("h1", range(2, 0, 4, 0), "one\n    two\n\n  three\n")];
  const { gone } = draw(session({ hunks }), lengthOf);
  assert.deepEqual(gone, [
    { position: { line: 2, character: 12 }, text: "one" },
    { position: { line: 3, character: 13 }, text: "two ⏎ three" },
  ]);
});

void test("lines that are gone without a trace stand at their place", () => {
  const { gone, inserted } = draw(
    session({ hunks: [hunk("h1", range(3, 0, 3, 0), "print(1)\nprint(2)\n")] }),
    lengthOf,
  );
  assert.deepEqual(gone, [{ position: { line: 3, character: 13 }, text: "print(1) ⏎ print(2)" }]);
  assert.deepEqual(inserted, []);
});

void test("what is locked is the user's, what is withheld is not there: neither is drawn", () => {
  const hunks = [
    hunk("h1", range(1, 0, 1, 3), "a", { state: "locked" }),
    hunk("h2", range(2, 0, 2, 3), "b", { state: "withheld", offer: "c" }),
  ];
  const drawing = draw(session({ hunks }), lengthOf);
  assert.deepEqual([drawing.inserted, drawing.struck, drawing.gone], [[], [], []]);
});

void test("held text is one line behind the code, and says how much more there is", () => {
  const held = { position: { line: 5, character: 4 }, text: "\n    if x:\n        y\n" };
  const drawing = draw(session({ held }), lengthOf);
  assert.deepEqual(drawing.held, [
    { position: { line: 5, character: 15 }, text: "    if x:  ⏎ +2" },
  ]);
  assert.deepEqual(draw(session({ held: { ...held, text: " \n " } }), lengthOf).held, []);
});

void test("virtual text is cut before it pushes the code out of sight", () => {
  const { struck } = draw(
    session({ hunks: [hunk("h1", range(0, 0, 0, 1), "x".repeat(500))] }),
    lengthOf,
  );
  assert.equal(struck[0]?.text.length, 100);
});
