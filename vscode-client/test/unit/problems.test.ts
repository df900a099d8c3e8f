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

const CODE: Record<number, string> = { 3: "    total = 1", 4: "    return totl" };
const textOf = (line: number): string => CODE[line] ?? "";

void test("the instruction names the line, what stands there, and what is wrong with it", () => {
  const one = instruction([problem(4, "totl is not defined ")], textOf);
  assert.equal(one, "Fix line 5 (return totl): totl is not defined");
});

void test("problems of the same words are named once, with all their lines", () => {
  const twice = [problem(3, "unused"), problem(4, "unused"), problem(4, "unused")];
  assert.equal(instruction(twice, textOf), "Fix lines 4 and 5: unused");
  const two = instruction([...twice, problem(7, "undefined")], textOf);
  assert.equal(two, "Fix these problems:\n- lines 4 and 5: unused\n- line 8: undefined");
});

void test("a long line is quoted by its beginning", () => {
  const long = instruction([problem(3, "too long")], () => `x = ${"y".repeat(100)}`);
  assert.match(long, /^Fix line 4 \(x = y{50,60}…\): too long$/);
});
