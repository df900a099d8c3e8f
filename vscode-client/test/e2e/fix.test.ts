/** The lightbulb: diagnostics that a model is asked to mend, and those that an edit has brought. */

import assert from "node:assert/strict";

import { model, scenario, vs } from "./context.js";
import { until } from "./driver/probe.js";
import { ask, lens, untilReview } from "./midstream.js";
import { AREA, BETTER_AREA, SHAPES } from "./texts.js";

/** Says that something is wrong with a line, counted from 1, as a linter would. */
async function complain(file: string, line: number, message: string): Promise<void> {
  await vs.code.probe.run(
    (vscode, _diary, path, row, words) => {
      const keep = globalThis as {
        linter?: ReturnType<typeof vscode.languages.createDiagnosticCollection>;
      };
      keep.linter ??= vscode.languages.createDiagnosticCollection("linter");
      const range = new vscode.Range(row - 1, 4, row - 1, 8);
      keep.linter.set(
        vscode.Uri.file(path),
        words === "" ? [] : [new vscode.Diagnostic(range, words)],
      );
    },
    vs.path(file),
    line,
    message,
  );
}

/** Takes an action from the lightbulb's menu, by the key that opens it. */
async function take(words: string): Promise<void> {
  await vs.press("Control+.");
  const row = vs.page.locator(".action-widget .monaco-list-row", { hasText: words }).first();
  await row.waitFor();
  await vs.code.screenshot("lightbulb");
  await until("the arrow key has come to it", async () => {
    if (/focused/.test((await row.getAttribute("class")) ?? "")) return true;
    await vs.press("ArrowDown");
    return false;
  });
  await vs.press("Enter");
}

scenario("the lightbulb on a diagnostic asks the model to mend it", async () => {
  await vs.open("shapes.py", SHAPES);
  await complain("shapes.py", 5, "tmp is a poor name");
  await vs.goTo(5, 6);
  await take("Fix: tmp is a poor name");
  const asked = await model.next();
  assert.match(asked.prompt, /tmp is a poor name/);
  asked.answer(BETTER_AREA);
  await untilReview();
  await complain("shapes.py", 5, "");
});

scenario("problems that an edit has brought are fixed by a redirect", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  (await model.next()).answer(BETTER_AREA.replace("return result", "return resullt"));
  await untilReview();
  await vs.press("Escape");
  await complain("shapes.py", 7, "resullt is not defined");
  await lens(/fix these/i)
    .first()
    .click();
  const asked = await model.next();
  assert.ok(asked.prompt.includes("Fix line 7 (return resullt): resullt is not defined"));
  asked.answer(BETTER_AREA);
  await untilReview();
  assert.equal(await vs.text("shapes.py"), SHAPES.replace(AREA, BETTER_AREA));
  await complain("shapes.py", 7, "");
});

scenario("the lightbulb without a diagnostic starts an edit with words", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await take("Edit with instruction");
  await vs.input.waitFor();
  await vs.type("rename it well");
  await vs.press("Enter");
  (await model.next()).answer(BETTER_AREA);
  await untilReview();
});
