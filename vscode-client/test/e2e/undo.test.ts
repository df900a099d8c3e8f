/** One undo: proven by pressing Ctrl+Z. */

import assert from "node:assert/strict";

import { model, scenario, vs } from "./context.js";
import { ask, sessions, redirect, untilReview } from "./midstream.js";
import { AREA, BETTER_AREA, pieceByPiece, SHAPES } from "./texts.js";

const EDITED = SHAPES.replace(AREA, BETTER_AREA);

/** An edit that comes in many pieces, each of which the editor shows before the next is sent. */
async function editInManyPieces(): Promise<void> {
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  await pieceByPiece(vs, "shapes.py", asked, BETTER_AREA);
  await untilReview();
  await vs.press("Escape");
  await vs.focusEditor();
}

scenario("one Ctrl+Z takes back the whole edit, one redo brings it back", async () => {
  await vs.open("shapes.py", SHAPES);
  await editInManyPieces();
  assert.equal(await vs.text("shapes.py"), EDITED);
  const steps = (await vs.diary()).filter((entry) => entry.what === "change");
  assert.ok(steps.length > 2, "it came in several edits");
  await vs.press("Control+z");
  assert.equal((await vs.savedBytes("shapes.py")).toString(), SHAPES);
  await vs.press("Control+Shift+z");
  await vs.untilText("shapes.py", "the edit is back", (text) => text === EDITED);
});

scenario(
  "an undo takes the model's run since the user's typing, never the typing with it",
  async () => {
    await vs.open("shapes.py", SHAPES);
    await vs.selectLines(4, 7);
    await ask("rename it well");
    const asked = await model.next();
    const end = BETTER_AREA.indexOf("    result");
    const [head, tail] = [BETTER_AREA.slice(0, end), BETTER_AREA.slice(end)];
    asked.say(["```\n", head, tail.slice(0, 8)]);
    await vs.untilText("shapes.py", "the first lines are there", (text) =>
      text.includes("The area of a circle"),
    );
    const before = await vs.text("shapes.py");
    await vs.page.locator(".view-line", { hasText: "the end" }).first().click();
    await vs.press("End");
    await vs.type("ing");
    await vs.untilText("shapes.py", "the typing is there", (text) => text.includes("# the ending"));
    asked.say([tail.slice(8), "\n```\n"]);
    asked.finish();
    await untilReview();
    assert.equal(await vs.text("shapes.py"), EDITED.replace("the end", "the ending"));
    await vs.press("Control+z");
    const typed = before.replace("the end", "the ending");
    await vs.untilText(
      "shapes.py",
      "only the model's last run is taken back",
      (text) => text === typed,
    );
    await vs.press("Control+z");
    await vs.untilText("shapes.py", "then the typing", (text) => text === before);
    await vs.press("Control+z");
    await vs.untilText("shapes.py", "then the model's first run", (text) => text === SHAPES);
  },
);

scenario("typing right before an edit is not taken back with it", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.goTo(15, 10);
  await vs.type("ing");
  await editInManyPieces();
  await vs.press("Control+z");
  await vs.untilText(
    "shapes.py",
    "the typing stays",
    (text) => text === SHAPES.replace("the end", "the ending"),
  );
});

scenario("an undo in the middle of a stream stops it", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n", '    """The area of a circle."""\n']);
  await vs.untilText("shapes.py", "the first lines are there", (text) => text.includes("radius"));
  await vs.focusEditor();
  await vs.press("Control+z");
  await asked.waitCut();
  await vs.untilText("shapes.py", "the edit is taken back", (text) => text === SHAPES);
});

scenario("a redirected edit is one undo as well", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const first = await model.next();
  first.say(["```\ndef area(radius):\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  await redirect("and a docstring");
  const second = await model.next();
  await pieceByPiece(vs, "shapes.py", second, BETTER_AREA);
  await untilReview();
  await vs.press("Escape");
  await vs.focusEditor();
  assert.equal(await vs.text("shapes.py"), EDITED);
  await vs.press("Control+z");
  await vs.untilText("shapes.py", "the original is back", (text) => text === SHAPES);
  assert.ok(((await sessions())?.length ?? 2) <= 1);
});
