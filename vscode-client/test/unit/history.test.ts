import assert from "node:assert/strict";
import { test } from "node:test";
import { InputHistory } from "../../src/core/history.js";

void test("older goes back, newer comes forth and ends with the draft", () => {
  const history = new InputHistory(["one", "two"]);
  assert.equal(history.older("my draft"), "two");
  assert.equal(history.older("two"), "one");
  assert.equal(history.older("one"), undefined);
  assert.equal(history.newer(), "two");
  assert.equal(history.newer(), "my draft");
  assert.equal(history.newer(), undefined);
});

void test("what is given again moves to the end, and blanks are not kept", () => {
  const history = new InputHistory(["one", "two"]);
  history.add(" one ");
  history.add("  ");
  assert.deepEqual(history.all, ["two", "one"]);
  assert.equal(history.older(""), "one");
});

void test("only the last hundred are kept", () => {
  const history = new InputHistory();
  for (let i = 0; i < 150; i++) history.add(String(i));
  assert.equal(history.all.length, 100);
  assert.equal(history.all[0], "50");
});
