import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScopeAnswer } from "../../src/core/protocol.js";
import { joined, moved, levelOf, step, target } from "../../src/core/targets.js";
import { range } from "./support.js";

const answer: ScopeAnswer = {
  scope: { range: range(2, 4, 2, 20), kind: "expression_statement", language: "python" },
  ladder: [
    { scope: "selection", range: range(2, 6, 2, 6) },
    { scope: "statement", range: range(2, 4, 2, 20) },
    { scope: "block", range: range(2, 4, 3, 20) },
    { scope: "function", range: range(1, 0, 3, 20) },
    { scope: "class", range: range(1, 0, 3, 20) },
    { scope: "file", range: range(0, 0, 9, 0) },
  ],
};

void test("the ladder goes up and down level by level, and ends at its ends", () => {
  let one = target(range(2, 6, 2, 6), answer);
  assert.equal(levelOf(one), "statement");
  const up = [];
  for (let i = 0; i < 5; i++) {
    one = step(one, 1);
    up.push(levelOf(one));
  }
  // "function" and "class" cover the same here: for the user that is one level.
  assert.deepEqual(up, ["block", "function", "file", "file", "file"]);
  assert.deepEqual(one.scope.range, range(0, 0, 9, 0));
  for (let i = 0; i < 9; i++) one = step(one, -1);
  assert.equal(levelOf(one), "selection");
});

void test("a level that has a name of its own is called by it, so that an edit can come back to it", () => {
  const [, statement, ...wider] = answer.ladder;
  const smallest = { scope: "smallest", range: answer.scope.range } as const;
  const own = target(range(2, 6, 2, 6), {
    ...answer,
    ladder: [smallest, ...answer.ladder.slice(1)],
  });
  assert.equal(levelOf(own), statement?.scope);
  assert.equal(levelOf(step(step(own, 1), -1)), "statement");
  assert.equal(
    levelOf(target(range(2, 6, 2, 6), { ...answer, ladder: [smallest, ...wider] })),
    "smallest",
  );
});

void test("a scope that is on no level is edited all the same", () => {
  const scope = { ...answer.scope, range: range(2, 4, 3, 8) };
  const one = target(range(2, 6, 3, 2), { ...answer, scope });
  assert.equal(levelOf(one), "smallest");
  assert.deepEqual(one.scope.range, scope.range);
});

void test("cursors in the same code make one edit, others each their own", () => {
  const place = (line: number, scope: ReturnType<typeof range>) =>
    target(range(line, 0, line, 3), { scope: { ...answer.scope, range: scope }, ladder: [] });
  const [a, b, c] = [
    place(7, range(6, 0, 9, 0)),
    place(1, range(0, 0, 4, 0)),
    place(3, range(0, 0, 4, 0)),
  ];
  assert.deepEqual(joined([a, b, c]), [range(1, 0, 3, 3), range(7, 0, 7, 3)]);
  assert.equal(joined([a, b]), undefined);
});

void test("scopes that only touch stay two edits", () => {
  const place = (scope: ReturnType<typeof range>) =>
    target(scope, { scope: { ...answer.scope, range: scope }, ladder: [] });
  assert.equal(joined([place(range(0, 0, 4, 0)), place(range(4, 0, 6, 0))]), undefined);
});

void test("what is asked about moves with the text while the user types", () => {
  const typed = [{ range: range(0, 0, 0, 0), text: "# note\n" }];
  const now = moved(target(range(2, 6, 2, 6), answer), typed);
  assert.deepEqual(now.selection, range(3, 6, 3, 6));
  assert.deepEqual(now.scope.range, range(3, 4, 3, 20));
});
