import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asMention,
  type Candidate,
  canBeMentioned,
  completed,
  mentioned,
  ranked,
  typing,
  withLines,
} from "../../src/core/mentions.js";
import { range } from "./support.js";

const file = (text: string, more: Partial<Candidate> = {}): Candidate => ({
  text,
  kind: "file",
  ...more,
});
const texts = (query: string, candidates: Candidate[]): string[] =>
  ranked(query, candidates).map((one) => one.text);

void test("the mention that is being typed is the one at the end", () => {
  assert.deepEqual(typing("like #"), { start: 5, query: "" });
  assert.deepEqual(typing("#shop/mon"), { start: 0, query: "shop/mon" });
  assert.deepEqual(typing("as in (#Money"), { start: 7, query: "Money" });
  assert.deepEqual(typing("#a.py and #b"), { start: 10, query: "b" });
  for (const none of ["", "like", "#a.py ", "C#", "a#b", "##", "#a.py:", "#a.py:10-4"]) {
    assert.equal(typing(none), undefined, none);
  }
});

void test("what is mentioned has no sign of the sentence at its end", () => {
  assert.deepEqual(mentioned("like #shop/money.py, and (#Money); #a.py:10-40."), [
    "shop/money.py",
    "Money",
    "a.py:10-40",
  ]);
  assert.deepEqual(mentioned("see #app/[id].tsx (or #shop/[id]), not #Till.due()…"), [
    "app/[id].tsx",
    "shop/[id]",
    "Till.due",
  ]);
  for (const none of ["", "no mention", "C# and a#b", "#", "# heading", "#...", "#12", "##a"]) {
    assert.deepEqual(mentioned(none), [], none);
  }
});

void test("a completed mention takes the place of what was typed, with a space to type on", () => {
  const at = typing("use #mon");
  assert.ok(at);
  assert.equal(completed("use #mon", at, file("shop/money.py")), "use #shop/money.py ");
  assert.deepEqual(mentioned(completed("use #mon", at, file("shop/money.py"))), ["shop/money.py"]);
});

void test("what has a space, or a sign at its end, cannot be mentioned and is not offered", () => {
  for (const good of [
    "a.py",
    "shop/money.py",
    ".github/x.md",
    "Money",
    "a.py:3-9",
    "@types/x.d.ts",
  ])
    assert.equal(canBeMentioned(good), true, good);
  for (const bad of ["my file.py", "odd.", "it's.py", "what?", "12", ""])
    assert.equal(canBeMentioned(bad), false, bad);
  assert.deepEqual(texts("f", [file("my file.py"), file("file.py")]), ["file.py"]);
});

void test("a file whose name would be read as a word is mentioned by a path", () => {
  assert.deepEqual(["Makefile", "a.py", "shop/LICENSE"].map(asMention), [
    "./Makefile",
    "a.py",
    "shop/LICENSE",
  ]);
  assert.deepEqual(texts("make", [file("./Makefile")]), ["./Makefile"]);
});

void test("the lines of a selection are counted from 1 and hold no line that it only touches", () => {
  assert.equal(withLines("a.py", range(9, 0, 39, 5)), "a.py:10-40");
  assert.equal(withLines("a.py", range(9, 0, 40, 0)), "a.py:10-40");
  assert.equal(withLines("a.py", range(9, 4, 9, 8)), "a.py:10-10");
  assert.equal(withLines("a.py", range(9, 0, 9, 0)), "a.py:10-10");
});

void test("what is open comes first, the latest before the others", () => {
  const found = texts("mo", [
    file("money.py"),
    file("old/demo.py", { recency: 1 }),
    file("new/demo.py", { recency: 0 }),
    { text: "new/demo.py:3-9", kind: "selection", recency: -1 },
  ]);
  assert.deepEqual(found, ["new/demo.py:3-9", "new/demo.py", "old/demo.py", "money.py"]);
});

void test("a name that begins so comes before one that has it inside, and short before long", () => {
  const candidates = [
    file("harmony.py"),
    file("deep/er/money.py"),
    file("money.py"),
    { text: "Money", kind: "symbol" } as const,
    file("monkey/x.py"),
  ];
  assert.deepEqual(texts("mon", candidates), [
    "money.py",
    "monkey/x.py",
    "deep/er/money.py",
    "Money",
    "harmony.py",
  ]);
});

void test("letters that are only spread over a text come last, even in an open file", () => {
  const candidates = [file("mainframe_of_new_years.py", { recency: 0 }), file("money.py")];
  assert.deepEqual(texts("money", [...candidates, file("unlike.py")]), [
    "money.py",
    "mainframe_of_new_years.py",
  ]);
  assert.deepEqual(texts("shop/mon", [file("shop/money.py"), file("mon/shop.py")]), [
    "shop/money.py",
  ]);
});

void test("each is offered once, and no more than a list can show", () => {
  assert.deepEqual(texts("a", [file("a.py", { recency: 2 }), file("a.py")]), ["a.py"]);
  const many = Array.from({ length: 50 }, (_, i) => file(`a${String(i)}.py`));
  assert.equal(ranked("a", many).length, 12);
});
