/** Review: lenses, hunks, the diff editor, follow-ups, earlier attempts. */

import assert from "node:assert/strict";

import { model, scenario, vs } from "./context.js";
import { until } from "./driver/probe.js";
import { ask, keyOf, lens, run, redirect, untilNoSession, untilReview } from "./midstream.js";
import { AREA, BETTER_AREA, SHAPES } from "./texts.js";

const EDITED = SHAPES.replace(AREA, BETTER_AREA);
/** Two changes with an untouched line between them. */
const TWO_HUNKS = AREA.replace("(r)", "(radius)").replace("return tmp", "return round(tmp, 2)");

async function reviewed(answer: string): Promise<void> {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.answer(answer);
  await untilReview();
  await vs.press("Escape");
  await vs.input.waitFor({ state: "hidden" });
}

scenario("the lens Accept keeps the edit", async () => {
  await reviewed(BETTER_AREA);
  await vs.code.screenshot("review");
  await lens(/^\W*Accept/)
    .first()
    .click();
  await untilNoSession();
  assert.equal((await vs.savedBytes("shapes.py")).toString(), EDITED);
});

scenario("the lens Revert takes it back", async () => {
  await reviewed(BETTER_AREA);
  await lens(/^\W*Revert/)
    .first()
    .click();
  await untilNoSession();
  assert.equal((await vs.savedBytes("shapes.py")).toString(), SHAPES);
});

scenario("the keys accept and revert", async () => {
  await reviewed(BETTER_AREA);
  await vs.focusEditor();
  await vs.press(keyOf("midstream.revert"));
  await untilNoSession();
  assert.equal(await vs.text("shapes.py"), SHAPES);
  await reviewed(BETTER_AREA);
  await vs.focusEditor();
  await vs.press(keyOf("midstream.accept"));
  await untilNoSession();
  assert.equal(await vs.text("shapes.py"), EDITED);
});

scenario("one hunk is reverted by its own lens, the other stays", async () => {
  await reviewed(TWO_HUNKS);
  await until("each hunk has its lens", async () => (await lens(/Revert/).count()) >= 3);
  await lens(/Revert/)
    .last()
    .click();
  const wanted = SHAPES.replace(AREA, AREA.replace("(r)", "(radius)"));
  await vs.untilText("shapes.py", "the second change is taken back", (text) => text === wanted);
  await lens(/^\W*Accept/)
    .first()
    .click();
  await untilNoSession();
  assert.equal((await vs.savedBytes("shapes.py")).toString(), wanted);
});

scenario("the palette accepts the change at the cursor, and it stays", async () => {
  await reviewed(TWO_HUNKS);
  await vs.goTo(4, 10);
  await run("midstream.acceptHunk");
  await until("one change is left to decide", async () => (await lens(/Revert/).count()) === 1);
  await vs.focusEditor();
  await vs.press(keyOf("midstream.revert"));
  await untilNoSession();
  const wanted = SHAPES.replace(AREA, AREA.replace("(r)", "(radius)"));
  assert.equal(await vs.text("shapes.py"), wanted);
});

scenario("keys go to the next and the previous hunk", async () => {
  await reviewed(TWO_HUNKS);
  await vs.goTo(1);
  const line = async (): Promise<number | undefined> => (await vs.selection())?.[0][0];
  await vs.press(keyOf("midstream.nextHunk"));
  await until("the cursor is at the first change", async () => (await line()) === 3);
  await vs.press(keyOf("midstream.nextHunk"));
  await until("the cursor is at the second change", async () => (await line()) === 6);
  await vs.press(keyOf("midstream.previousHunk"));
  await until("the cursor is at the first change", async () => (await line()) === 3);
});

scenario("Diff opens VS Code's own diff editor with the original scope", async () => {
  await reviewed(BETTER_AREA);
  await lens(/Diff/).first().click();
  await vs.page.locator(".monaco-diff-editor").first().waitFor();
  const left = vs.page.locator(".monaco-diff-editor .editor.original .view-lines");
  await until("the original is on the left", async () =>
    (await left.innerText()).replace(/\u00a0/g, " ").includes('print("area", tmp)'),
  );
  await vs.code.screenshot("diff");
});

scenario("Redirect… in review is a follow-up", async () => {
  await reviewed(BETTER_AREA);
  await lens(/Redirect/)
    .first()
    .click();
  await redirect("shorter");
  const asked = await model.next();
  assert.match(asked.prompt, /shorter/);
  const wanted = "def area(radius):\n    return math.pi * radius * radius";
  asked.answer(wanted);
  await untilReview();
  assert.equal(await vs.text("shapes.py"), SHAPES.replace(AREA, wanted));
});

scenario("an earlier attempt can be brought back", async () => {
  await reviewed(BETTER_AREA);
  await lens(/Redirect/)
    .first()
    .click();
  await redirect("shorter");
  (await model.next()).answer("def area(radius):\n    return math.pi * radius * radius");
  await vs.untilText("shapes.py", "the follow-up is there", (text) =>
    text.includes("return math.pi"),
  );
  await untilReview();
  await vs.press("Escape");
  await vs.focusEditor();
  await run("midstream.walkAttempts");
  await vs.page
    .locator(".quick-input-list .monaco-list-row", { hasText: "rename it well" })
    .first()
    .waitFor();
  await vs.code.screenshot("attempts");
  await vs.page
    .locator(".quick-input-list .monaco-list-row", { hasText: "rename it well" })
    .first()
    .click();
  await vs.untilText("shapes.py", "the first attempt is back", (text) => text === EDITED);
});

scenario("a model that fails leaves what landed, and a sentence", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  asked.fail("server_error");
  await untilReview();
  assert.match(await vs.text("shapes.py"), /def area\(radius\)/);
  await redirect("once more");
  (await model.next()).answer(BETTER_AREA);
  await vs.untilText("shapes.py", "the retry is there", (text) => text === EDITED);
});
