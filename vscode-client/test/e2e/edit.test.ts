/** Asking, watching, redirecting, stopping, accepting. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Locator } from "playwright-core";

import { PYTHON, ROOT } from "./bare.js";
import { model, scenario, vs } from "./context.js";
import type { Asked } from "./driver/model.js";
import { until } from "./driver/probe.js";
import {
  acceptByKey,
  ask,
  chooseProfile,
  keyOf,
  lens,
  openInput,
  rows,
  run,
  sessions,
  statusBar,
  redirect,
  untilNoSession,
  untilReview,
} from "./midstream.js";
import { AREA, BETTER_AREA, DOUBLE, SHAPES } from "./texts.js";

const EDITED = SHAPES.replace(AREA, BETTER_AREA);

scenario("an edit with the scripted model streams into the selected function", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  assert.match(asked.prompt, /rename it well/);
  asked.answer(BETTER_AREA);
  await untilReview();
  await vs.press("Escape");
  assert.equal((await vs.savedBytes("shapes.py")).toString(), EDITED);
});

scenario("an edit with the practice model does what the command line does", async () => {
  const [lines, instruction] = ["32-77", "use f-strings and rename tmp to total"];
  const source = join(ROOT, "lsp_server", "cli", "examples", "orders.py");
  const byHand = join(mkdtempSync(join(tmpdir(), "midstream-")), "orders.py");
  copyFileSync(source, byHand);
  const words = ["edit", byHand, "--lines", lines, "-m", instruction, "--yes", "--json"];
  await promisify(execFile)(PYTHON, ["-m", "lsp_server", ...words], { cwd: ROOT });
  await vs.open("orders.py", readFileSync(source, "utf8"));
  await vs.selectLines(32, 77);
  await openInput();
  await chooseProfile("practice");
  await vs.type(instruction);
  await vs.press("Enter");
  await untilReview();
  await vs.press("Escape");
  assert.deepEqual(await vs.savedBytes("orders.py"), readFileSync(byHand));
});

scenario("a new sentence in the input redirects the stream", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const first = await model.next();
  const [head] = BETTER_AREA.split("    result");
  first.say([`\`\`\`\n${head}`]);
  await vs.untilText("shapes.py", "the first lines are there", (text) => text.includes("radius"));
  await redirect("and keep the print");
  await first.waitCut();
  const second = await model.next();
  assert.match(second.prompt, /and keep the print/);
  assert.match(second.prompt, /def area\(radius\)/, "the new attempt starts from what landed");
  const wanted = BETTER_AREA.replace("    return", '    print("area", result)\n    return');
  second.answer(wanted);
  await untilReview();
  await vs.code.screenshot("redirected");
  await acceptByKey();
  await untilNoSession();
  assert.equal((await vs.savedBytes("shapes.py")).toString(), SHAPES.replace(AREA, wanted));
});

scenario("Escape stops the stream and keeps what landed", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n", '    """The area of a circle."""\n']);
  await vs.untilText("shapes.py", "the first lines are there", (text) => text.includes("radius"));
  await vs.press("Escape");
  await asked.waitCut();
  await untilReview();
  const text = await vs.text("shapes.py");
  assert.match(text, /def area\(radius\):/);
  assert.match(text, /print\("area", tmp\)/, "the rest is the original's");
});

scenario("Escape in the editor stops it too", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  await vs.page.locator(".view-line", { hasText: "def area" }).first().click();
  await vs.press("Escape");
  await asked.waitCut();
});

scenario("Ctrl+Enter in the input accepts while it streams", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  await acceptByKey();
  await asked.waitCut();
  await untilNoSession();
  assert.match(await vs.text("shapes.py"), /def area\(radius\)/);
});

scenario(
  "while it streams, the screen shows scope, deleted lines, lenses and the rate",
  async () => {
    await vs.open("shapes.py", SHAPES);
    await vs.selectLines(4, 7);
    await ask("rename it well");
    const asked = await model.next();
    const lines = BETTER_AREA.split(/(?<=\n)/);
    asked.say(["```\n", ...lines.slice(0, 3)]);
    await vs.untilText("shapes.py", "two lines are there", (text) =>
      text.includes("The area of a circle"),
    );
    await lens("Stop").first().waitFor();
    await until("the status bar says so", async () =>
      /scripted|token|stream/i.test(await statusBar().first().innerText()),
    );
    await vs.code.screenshot("streaming");
    assert.ok(
      !(await vs.text("shapes.py")).includes("rename it well"),
      "nothing but code is ever in the document",
    );
    asked.say([...lines.slice(3), "\n```\n"]);
    asked.finish();
    await untilReview();
  },
);

scenario("the scope is shown while the input is open, and keys widen and narrow it", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.goTo(6, 10);
  await openInput();
  const [own, wider] = [/\(1 line\)/, /\(4 lines\)/];
  await title(own).waitFor();
  await widenTo(wider);
  await vs.press(keyOf("midstream.narrow"));
  await title(/\(3 lines\)/).waitFor();
  await widenTo(wider);
  await vs.code.screenshot("scope-widened");
  await vs.type("shorter");
  await vs.press("Enter");
  const asked = await model.next();
  asked.answer(BETTER_AREA);
  await untilReview();
  assert.equal(await vs.text("shapes.py"), EDITED);
});

scenario("the same keys ask for more or less while it streams", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.goTo(6, 10);
  await ask("shorter");
  const statement = await model.next();
  await title(/scripted/).waitFor();
  await vs.press(keyOf("midstream.widen"));
  await statement.waitCut();
  const more = await model.next();
  assert.ok(scopeOf(more).length > scopeOf(statement).length, "the scope is wider");
  await vs.press(keyOf("midstream.narrow"));
  await more.waitCut();
  const less = await model.next();
  assert.equal(scopeOf(less), scopeOf(statement));
  less.answer("    pass");
  await untilReview();
});

scenario("text that is held because it does not parse is shown on demand", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n", "    result = (math.pi *\n", "        radius\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  await vs.page.locator(".view-line", { hasText: "def area" }).first().click();
  assert.ok(!(await vs.text("shapes.py")).includes("(math.pi *"), "it is held");
  await run("midstream.show");
  await vs.untilText("shapes.py", "it is shown", (text) => text.includes("(math.pi *"));
  asked.say(["    )\n    return result\n```\n"]);
  asked.finish();
  await untilReview();
});

scenario("Up in the input brings back earlier instructions", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("make it historic");
  const asked = await model.next();
  asked.answer(BETTER_AREA);
  await untilReview();
  await acceptByKey();
  await untilNoSession();
  await vs.selectLines(12, 12);
  await openInput();
  await vs.press("ArrowUp");
  await until(
    "the instruction is back",
    async () => (await vs.input.inputValue()) === "make it historic",
  );
  await vs.press("Escape");
});

scenario("a list that is open in the input's place has the keys to itself", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await openInput();
  await vs.type("rename it");
  await vs.page.locator(".quick-input-titlebar .action-label[aria-label*='Profile']").click();
  const focused = vs.page.locator(".quick-input-list .monaco-list-row.focused");
  await until("the profiles are listed", async () => (await rows().count()) >= 3);
  const before = await focused.innerText();
  await vs.press("ArrowDown");
  await until("the next one is marked", async () => (await focused.innerText()) !== before);
  await vs.press("Escape");
  await until("the input is back", async () => (await vs.input.inputValue()) === "rename it");
  await vs.press("Escape");
  await vs.input.waitFor({ state: "hidden" });
  assert.deepEqual(await sessions(), []);
});

scenario("the user's prompts are picks", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(11, 12);
  await openInput();
  const row = vs.page.locator(".quick-input-list .monaco-list-row", { hasText: "guard" }).first();
  await row.click();
  const asked = await model.next();
  assert.match(asked.prompt, /guard/i);
  asked.answer(DOUBLE);
});

scenario("the context menu of the editor starts an edit", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.goTo(11, 8);
  await vs.page.locator(".view-line", { hasText: "y = x * 2" }).first().click({ button: "right" });
  // A menu takes no click right after it has opened; a key it takes.
  await vs.page
    .locator(".context-view .action-label", { hasText: "Edit with Instruction" })
    .first()
    .hover();
  await vs.press("Enter");
  await vs.input.waitFor();
  await vs.press("Escape");
  await vs.input.waitFor({ state: "hidden" });
  assert.deepEqual(await sessions(), []);
});

scenario("the palette runs the commands on the session at the cursor", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.goTo(5);
  await run("midstream.promptEdit");
  await vs.input.waitFor();
  await vs.type("rename it well");
  await vs.press("Enter");
  const asked = await model.next();
  asked.answer(BETTER_AREA);
  await untilReview();
  await vs.press("Escape");
  await vs.focusEditor();
  await run("midstream.revert");
  await untilNoSession();
  assert.equal((await vs.savedBytes("shapes.py")).toString(), SHAPES);
});

/** The input's title. */
function title(words: RegExp): Locator {
  return vs.page.locator(".quick-input-title", { hasText: words });
}

/** Widens the scope by key, level by level, until the title says so. */
async function widenTo(words: RegExp): Promise<void> {
  for (let level = 0; level < 5 && !(await title(words).isVisible()); level += 1) {
    const before = await title(/./).innerText();
    await vs.press(keyOf("midstream.widen"));
    await until(
      "the title tells another scope",
      async () => (await title(/./).innerText()) !== before,
    );
  }
  await title(words).waitFor();
}

/** The scope that a model was asked about. */
function scopeOf(asked: Asked): string {
  return /\nSelected code in [^\n]*:\n(`{3,})\w*\n([^]*?)\n\1\n/.exec(asked.prompt)?.[2] ?? "";
}
