import assert from "node:assert/strict";
import { test } from "node:test";
import { UndoPolicy } from "../../src/core/undo.js";
import { range } from "./support.js";

const edit = (text: string) => [{ range: range(1, 0, 1, 0), text }];

/** An edit of ours from its sending to its end, echoed as VS Code echoes it. */
function land(policy: UndoPolicy, text: string, echoed = text): boolean {
  const stop = policy.before(edit(text));
  policy.changed(edit(echoed));
  policy.after(true, stop);
  return stop;
}

void test("a run of edits is one step: only its first has a stop before it", () => {
  const policy = new UndoPolicy();
  assert.deepEqual([land(policy, "a"), land(policy, "b"), land(policy, "c")], [true, false, false]);
});

void test("after the user's typing a new step begins, so that an undo leaves the typing", () => {
  const policy = new UndoPolicy();
  land(policy, "a");
  policy.changed([{ range: range(7, 0, 7, 0), text: "u" }]);
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
  const stop = policy.before(edit("b"));
  policy.changed([{ range: range(1, 0, 1, 0), text: "u" }]);
  policy.after(false, stop);
  assert.equal(land(policy, "b"), true);
});

void test("a refused edit leaves the stop due", () => {
  const policy = new UndoPolicy();
  const stop = policy.before(edit("a"));
  policy.after(false, stop);
  assert.equal(land(policy, "a"), true);
});

void test("an echo in the document's own line endings is still ours", () => {
  const policy = new UndoPolicy();
  land(policy, "a\n", "a\r\n");
  assert.equal(land(policy, "b"), false);
});
