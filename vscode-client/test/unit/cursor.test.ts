import assert from "node:assert/strict";
import { test } from "node:test";
import { kept, mustPutBack } from "../../src/core/cursor.js";
import { range } from "./support.js";

const caret = (line: number, character: number) => ({
  anchor: { line, character },
  active: { line, character },
});

void test("a cursor that stands where text is inserted stays there", () => {
  const insertion = [{ range: range(2, 4, 2, 4), text: "abc\nde" }];
  const before = [caret(2, 4)];
  const pushed = [caret(3, 2)];
  assert.deepEqual(kept(before, insertion), before);
  assert.equal(mustPutBack(before, pushed, insertion), true);
  assert.equal(mustPutBack(before, before, insertion), false);
});

void test("a cursor behind the insertion moves with its text and is left alone", () => {
  const insertion = [{ range: range(2, 4, 2, 4), text: "abc" }];
  const before = [caret(2, 9), caret(5, 0)];
  const moved = [caret(2, 12), caret(5, 0)];
  assert.deepEqual(kept(before, insertion), moved);
  assert.equal(mustPutBack(before, moved, insertion), false);
});

void test("a cursor that the user has moved meanwhile is left where it is", () => {
  const insertion = [{ range: range(2, 4, 2, 4), text: "abc" }];
  assert.equal(mustPutBack([caret(2, 4)], [caret(9, 9)], insertion), false);
  assert.equal(mustPutBack([caret(2, 4)], [caret(2, 4), caret(3, 0)], insertion), false);
});

void test("a selection does not grow over what is inserted at its end", () => {
  const insertion = [{ range: range(4, 0, 4, 0), text: "new\n" }];
  const before = [{ anchor: { line: 2, character: 0 }, active: { line: 4, character: 0 } }];
  const grown = [{ anchor: { line: 2, character: 0 }, active: { line: 5, character: 0 } }];
  assert.deepEqual(kept(before, insertion), before);
  assert.equal(mustPutBack(before, grown, insertion), true);
});
