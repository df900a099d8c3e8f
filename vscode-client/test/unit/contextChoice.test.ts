import assert from "node:assert/strict";
import { test } from "node:test";
import { ContextChoice } from "../../src/core/contextChoice.js";
import type { ContextPiece } from "../../src/core/protocol.js";
import { pieceWords } from "../../src/core/words.js";
import { range } from "./support.js";

const OWN = "file:///shop/orders.py";
const MONEY = "file:///shop/money.py";
const RULES = "file:///shop/AGENTS.md";

const piece = (uri: string, why: string, tokens: number, line = 0): ContextPiece => ({
  uri,
  range: range(line, 0, line + 3, 0),
  why,
  tokens,
});
const PIECES = [
  piece(OWN, "scope", 100),
  piece(MONEY, "definition", 40),
  piece(MONEY, "caller", 60, 9),
  piece(RULES, "rules", 2000),
];

function choice(pieces = PIECES): ContextChoice {
  const made = new ContextChoice(new Set([OWN]));
  made.answered(pieces);
  return made;
}
const listed = (one: ContextChoice): string[] =>
  one.list.map(({ piece: p, leftOut }) => `${leftOut ? "-" : "+"}${p.why}`);

void test("the files beside the edited one are counted, with their tokens", () => {
  assert.equal(choice().label, "+2 files");
  assert.equal(choice().tokens, 2100);
  assert.equal(choice(PIECES.slice(0, 2)).label, "+1 file");
  assert.deepEqual(listed(choice()), ["+definition", "+caller", "+rules", "+scope"]);
});

void test("nothing is said where nothing else is sent, or nothing is known", () => {
  assert.equal(choice(PIECES.slice(0, 1)).label, undefined);
  assert.equal(new ContextChoice(new Set([OWN])).label, undefined);
});

void test("a file that is taken out stays in the list, and can be put back", () => {
  const one = choice();
  one.toggle(MONEY);
  assert.deepEqual(one.leaveOut, [MONEY]);
  assert.equal(one.label, "+1 file, 1 left out");
  assert.equal(one.tokens, 2000);
  assert.deepEqual(listed(one), ["+rules", "-definition", "-caller", "+scope"]);
  // The server names it no longer.
  one.answered(PIECES.filter(({ uri }) => uri !== MONEY));
  assert.deepEqual(listed(one), ["+rules", "-definition", "-caller", "+scope"]);
  one.toggle(RULES);
  assert.equal(one.label, "2 files left out");
  one.toggle(MONEY);
  one.answered(PIECES.filter(({ uri }) => uri !== RULES));
  assert.deepEqual(one.leaveOut, [RULES]);
  assert.equal(one.label, "+1 file, 1 left out");
});

void test("the edited file is always sent", () => {
  const one = choice();
  one.toggle(OWN);
  assert.equal(one.canLeaveOut(OWN), false);
  assert.deepEqual(one.leaveOut, []);
});

void test("what serves two places is listed and counted once", () => {
  assert.equal(choice([...PIECES, ...PIECES]).tokens, 2100);
});

void test("a piece says why it is sent and what it costs", () => {
  assert.equal(
    pieceWords(piece(MONEY, "definition", 1)),
    "a definition that the code uses, 1 token",
  );
  assert.equal(pieceWords(piece(MONEY, "mention", 2140)), "you named it, 2,140 tokens");
  assert.equal(pieceWords(piece(MONEY, "horoscope", 3)), "horoscope, 3 tokens");
});
