import assert from "node:assert/strict";
import { test } from "node:test";
import { UndoPolicy } from "../../src/core/undo.js";
import { range } from "./support.js";

const edit = (text: string) => [{ range: range(1, 0, 1, 0), text }];

/** An edit of ours from its sending to its end, echoed as VS Code echoes it. */
function land(policy: UndoPolicy, text: string, echoed = text): boolean {
  const stop = policy.before(edit(text));
  assert.equal(policy.changed(edit(echoed), undefined), undefined);
  policy.after();
  return stop;
}

void test("a run of edits is one step: only its first has a stop before it", () => {
  const policy = new UndoPolicy();
  assert.deepEqual([land(policy, "a"), land(policy, "b"), land(policy, "c")], [true, false, false]);
});

void test("after the user's typing a new step begins, so that an undo leaves the typing", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.changed([{ range: range(7, 0, 7, 0), text: "u" }], undefined);
  assert.deepEqual([land(policy, "b"), land(policy, "c")], [true, false]);
});

void test("a new session begins a step of its own", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.begin();
  assert.equal(land(policy, "b"), true);
});

void test("typing that comes before the edit's own echo is seen as typing", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.before(edit("b"));
  policy.changed([{ range: range(1, 0, 1, 0), text: "u" }], undefined);
  policy.after();
  assert.equal(land(policy, "b"), true);
});

void test("a refused edit leaves the stop due", () => {
  const policy = new UndoPolicy();
  policy.before(edit("a"));
  policy.after();
  assert.equal(land(policy, "a"), true);
});

void test("an echo in the document's own line endings is still ours", () => {
  const policy = new UndoPolicy();
  land(policy, "a\n", "a\r\n");
  assert.equal(land(policy, "b"), false);
});

void test("a run that a save has cut is undone and redone as one", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.cut();
  assert.equal(land(policy, "b"), false);
  land(policy, "c");
  policy.cut();
  land(policy, "d");
  assert.deepEqual(policy.changed(edit(""), "undo"), { command: "undo", times: 2 });
  // What follows is not followed again.
  assert.equal(policy.changed(edit(""), "undo"), undefined);
  assert.equal(policy.changed(edit(""), "undo"), undefined);
  policy.followed();
  assert.deepEqual(policy.changed(edit("a"), "redo"), { command: "redo", times: 2 });
  policy.changed(edit("b"), "redo");
  policy.changed(edit("c"), "redo");
  policy.followed();
  assert.deepEqual(policy.changed(edit(""), "undo"), { command: "undo", times: 2 });
});

void test("a save without a further edit adds no step", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.cut();
  assert.equal(policy.changed(edit(""), "undo"), undefined);
});

void test("an undo of the user's own typing is nobody's business", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.cut();
  land(policy, "b");
  policy.changed([{ range: range(7, 0, 7, 0), text: "u" }], undefined);
  assert.equal(policy.changed(edit(""), "undo"), undefined);
});

void test("after an undo the next edit begins a step of its own", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.changed(edit(""), "undo");
  assert.equal(land(policy, "b"), true);
});
