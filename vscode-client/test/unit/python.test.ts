import assert from "node:assert/strict";
import { test } from "node:test";
import {
  commandsOnPath,
  compiledFolder,
  fits,
  isNewEnough,
  noPython,
  parsePython,
} from "../../src/core/python.js";

void test("an interpreter is what the probe prints, and nothing else", () => {
  const python = { executable: "/usr/bin/python3.12", version: [3, 12] };
  assert.deepEqual(parsePython('["/usr/bin/python3.12", 3, 12]\n'), python);
  for (const other of [
    "",
    "3.12",
    "null",
    "{}",
    '["", 3, 12]',
    "[null, 3, 12]",
    '["/usr/bin/python3", "3", "12"]',
    '["/usr/bin/python3", 3, 12, 1]',
    '["/usr/bin/python3", 3]',
    'hello\n["/usr/bin/python3", 3, 12]',
  ]) {
    assert.equal(parsePython(other), undefined, other);
  }
});

void test("3.11 is the oldest that will do", () => {
  assert.deepEqual(
    (
      [
        [2, 7],
        [3, 10],
        [3, 11],
        [3, 14],
        [4, 0],
      ] as const
    ).map((v) => isNewEnough(v)),
    [false, false, true, true, true],
  );
});

void test("a Python fits if the bundle has compiled packages for it", () => {
  const python = { executable: "/usr/bin/python3", version: [3, 12] } as const;
  assert.equal(compiledFolder(python.version), "libs-cp312");
  assert.equal(fits(python, ["libs", "libs-cp311", "libs-cp312"]), true);
  assert.equal(fits(python, ["libs", "libs-cp311"]), false);
});

void test("the sentence says what is needed, what was found and what to do", () => {
  const folders = ["libs", "libs-cp311", "libs-cp313"];
  const sentence = noPython([{ executable: "/usr/bin/python3", version: [3, 9] }], folders);
  assert.match(sentence, /needs Python 3\.11, 3\.13, and only 3\.9 was found/);
  assert.match(sentence, /Midstream: Python Path/);
  assert.match(noPython([], folders), /none was found/);
});

void test("on Windows the launcher is tried, elsewhere the versions by name", () => {
  assert.ok(commandsOnPath("win32").some((command) => command[0] === "py"));
  assert.deepEqual(commandsOnPath("linux")[0], ["python3"]);
});
