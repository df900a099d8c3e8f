import assert from "node:assert/strict";
import { test } from "node:test";
import { fresh, instruction, known } from "../../src/core/problems.js";
import { range } from "./support.js";

const scope = range(2, 0, 8, 0);
const problem = (line: number, message: string) => ({ range: range(line, 0, line, 5), message });

void test("only problems that were not there before are new, wherever their line is now", () => {
  const before = known([problem(3, "unused"), problem(20, "elsewhere")], scope);
  const now = [problem(5, "unused"), problem(6, "undefined name"), problem(20, "also elsewhere")];
  assert.deepEqual(fresh(now, scope, before), [problem(6, "undefined name")]);
});

void test("a second one of the same words is new", () => {
  const before = known([problem(3, "unused")], scope);
  assert.equal(fresh([problem(3, "unused"), problem(4, "unused")], scope, before).length, 1);
});

void test("the instruction names each problem once", () => {
  assert.equal(instruction([problem(3, "unused "), problem(4, "unused")]), "Fix: unused");
  const two = instruction([problem(3, "unused"), problem(4, "undefined")]);
  assert.equal(two, "Fix these problems:\n- unused\n- undefined");
});
