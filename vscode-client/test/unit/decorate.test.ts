import assert from "node:assert/strict";
import { test } from "node:test";
import { draw, Drawn, linesToDraw, type Mark, near } from "../../src/core/decorate.js";
import { hunk, importOffer, range, session } from "./support.js";

const textOf = (line: number): string => " ".repeat(10 + line);

void test("what the model wrote is tinted, what it took inside of a line is struck before it", () => {
  const hunks = [hunk("h1", range(2, 4, 2, 9), "width*height")];
  const drawing = draw(session({ hunks }), textOf);
  assert.deepEqual(drawing.inserted, [range(2, 4, 2, 9)]);
  assert.deepEqual(drawing.struck, [{ position: { line: 2, character: 4 }, text: "width*height" }]);
  assert.deepEqual(drawing.gone, []);
});

void test("lines that are gone stand behind those that replaced them, the rest behind the last", () => {
  const hunks = [hunk("h1", range(2, 0, 4, 0), "one\n    two\n\n  three\n")];
  const { gone } = draw(session({ hunks }), textOf);
  assert.deepEqual(gone, [
    { position: { line: 2, character: 12 }, text: "one" },
    { position: { line: 3, character: 13 }, text: "two ⏎ three" },
  ]);
});

void test("lines that are gone without a trace stand at their place", () => {
  const { gone, inserted } = draw(
    session({ hunks: [hunk("h1", range(3, 0, 3, 0), "print(1)\nprint(2)\n")] }),
    textOf,
  );
  assert.deepEqual(gone, [{ position: { line: 3, character: 13 }, text: "print(1) ⏎ print(2)" }]);
  assert.deepEqual(inserted, []);
});

void test("what is locked is the user's, what is withheld is not there: neither is drawn", () => {
  const hunks = [
    hunk("h1", range(1, 0, 1, 3), "a", { state: "locked" }),
    hunk("h2", range(2, 0, 2, 3), "b", { state: "withheld", offer: "c" }),
  ];
  const drawing = draw(session({ hunks }), textOf);
  assert.deepEqual([drawing.inserted, drawing.struck, drawing.gone], [[], [], []]);
});

void test("held text is one line behind the code, and says how much more there is", () => {
  const held = { position: { line: 5, character: 4 }, text: "\n    if x:\n        y\n" };
  const drawing = draw(session({ held }), textOf);
  assert.deepEqual(drawing.held, [
    { position: { line: 5, character: 15 }, text: "    if x:  ⏎ +2" },
  ]);
  assert.deepEqual(draw(session({ held: { ...held, text: " \n " } }), textOf).held, []);
});

void test("virtual text is cut before it pushes the code out of sight", () => {
  const { struck } = draw(
    session({ hunks: [hunk("h1", range(0, 0, 0, 1), "x".repeat(500))] }),
    textOf,
  );
  assert.equal(struck[0]?.text.length, 100);
});

void test("what is far out of sight is not drawn; the scope is whole, and so is what reaches in", () => {
  const hunks = [
    hunk("h1", range(2, 0, 2, 4), "a"),
    hunk("h2", range(500, 0, 510, 0), "one\ntwo\n"),
    hunk("h3", range(100, 0, 450, 0), "b"),
    hunk("h4", range(900, 0, 900, 4), "c"),
  ];
  const scope = { range: range(0, 0, 999, 0), kind: "class_definition", language: "python" };
  const held = { position: { line: 901, character: 0 }, text: "soon" };
  const whole = draw(session({ hunks, held, scope }), textOf);
  const seen = near(whole, linesToDraw([range(440, 0, 470, 0)]));
  assert.deepEqual(seen.inserted, [range(500, 0, 510, 0), range(100, 0, 450, 0)]);
  assert.deepEqual(
    seen.gone.map((one) => one.position.line),
    [500, 501],
  );
  assert.deepEqual([seen.struck, seen.held], [[], []]);
  assert.deepEqual(seen.scope, scope.range);
});

void test("with folded code two pieces are in sight; with nothing in sight yet all is drawn", () => {
  const folded = linesToDraw([range(10, 0, 20, 0), range(300, 0, 310, 0)]);
  const drawing = draw(session({ hunks: [hunk("h1", range(305, 0, 305, 4))] }), textOf);
  assert.equal(near(drawing, folded).inserted.length, 1);
  assert.deepEqual(near(drawing, linesToDraw([])), drawing);
});

const marks = (...lines: number[]): Mark[] =>
  lines.map((line) => ({ range: range(line, 4, line, 9), text: String(line) }));

void test("what stands as it is to be drawn is not drawn again", () => {
  const drawn = new Drawn();
  assert.equal(drawn.stands("struck", []), true, "a new editor shows nothing");
  assert.equal(drawn.stands("struck", marks(3)), false);
  assert.equal(drawn.stands("struck", marks(3)), true);
  assert.equal(drawn.stands("gone", marks(3)), false, "each kind stands for itself");
  assert.equal(drawn.stands("struck", marks(3, 4)), false);
  assert.equal(drawn.stands("struck", []), false);
});

void test("a change elsewhere leaves what is drawn; one that could move it makes it be drawn anew", () => {
  const change = (
    line: number,
    text: string,
    to = line,
  ): { range: Mark["range"]; text: string } => ({
    range: range(line, 0, to, 0),
    text,
  });
  const after = (...changes: ReturnType<typeof change>[]): boolean => {
    const drawn = new Drawn();
    drawn.stands("struck", marks(5, 7));
    drawn.changed(changes);
    return drawn.stands("struck", marks(5, 7));
  };
  assert.equal(after(change(8, "below\nand more\n")), true);
  assert.equal(after(change(2, "above, on its line")), true);
  assert.equal(after(change(6, "between, on its line")), true);
  assert.equal(after(change(2, "above\n")), false);
  assert.equal(after(change(2, "", 3)), false);
  assert.equal(after(change(5, "x")), false);
  assert.equal(after(change(8, "x"), change(7, "y")), false);
});

void test("what is in doubt is drawn once, also when nothing is to be seen there any more", () => {
  const drawn = new Drawn();
  drawn.stands("held", marks(3));
  drawn.changed([{ range: range(3, 0, 3, 0), text: "x" }]);
  assert.equal(drawn.stands("held", []), false);
  drawn.changed([{ range: range(3, 0, 3, 0), text: "y" }]);
  assert.equal(drawn.stands("held", []), true);
});

void test("of what covers whole lines only the lines count", () => {
  const scope = (to: number, character: number): Mark[] => [
    { range: range(5, 4, to, character), whole: true },
  ];
  const drawn = new Drawn();
  drawn.stands("scope", scope(9, 12));
  drawn.changed([{ range: range(9, 0, 9, 12), text: "longer than before" }]);
  assert.equal(drawn.stands("scope", scope(9, 18)), true);
  drawn.changed([{ range: range(7, 0, 7, 0), text: "one more line\n" }]);
  assert.equal(drawn.stands("scope", scope(10, 18)), false);
  assert.equal(drawn.stands("scope", scope(11, 0)), false);
});

void test("an import that is offered stands behind the line that it would follow", () => {
  const hunks = [importOffer("h1", 3, "import json\n"), importOffer("h2", 0, "import re\n")];
  const { offered, inserted } = draw(session({ hunks }), textOf);
  assert.deepEqual(offered, [
    { position: { line: 2, character: 12 }, text: "+ import json" },
    { position: { line: 0, character: 10 }, text: "+ import re" },
  ]);
  assert.deepEqual(inserted, [], "it is not in the document");
  assert.equal(near(draw(session({ hunks }), textOf), { first: 1, last: 9 }).offered.length, 1);
});

void test("an import that joins another one is shown behind that line, without its comma", () => {
  const joins = hunk("h1", range(4, 8, 4, 8), "", {
    state: "offered",
    kind: "import",
    offer: ", loads",
  });
  assert.deepEqual(draw(session({ hunks: [joins] }), textOf).offered, [
    { position: { line: 4, character: 14 }, text: "+ loads" },
  ]);
});

void test("an import that was added is drawn like every change", () => {
  const added = hunk("h1", range(1, 0, 2, 0), "", { kind: "import" });
  const drawing = draw(session({ hunks: [added] }), textOf);
  assert.deepEqual([drawing.inserted, drawing.offered], [[range(1, 0, 2, 0)], []]);
});
