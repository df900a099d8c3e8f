/** Several groups, cursors, sessions, tabs; closing; documents that cannot be edited. */

import assert from "node:assert/strict";

import { model, scenario, vs } from "./context.js";
import type { Asked } from "./driver/model.js";
import { until } from "./driver/probe.js";
import {
  ask,
  keyOf,
  notification,
  run,
  sessions,
  untilNoSession,
  untilReview,
} from "./midstream.js";
import { AREA, BETTER_AREA, BETTER_DOUBLE, DOUBLE, SHAPES } from "./texts.js";

const EDITED = SHAPES.replace(AREA, BETTER_AREA);

scenario("one document in two editor groups: one edit, one undo", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.open("shapes.py", undefined, 2);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  (await model.next()).answer(BETTER_AREA, 100);
  await untilReview();
  assert.equal(await vs.text("shapes.py"), EDITED);
  await vs.press("Escape");
  await vs.code.screenshot("two-groups");
  await vs.open("shapes.py", undefined, 1);
  await vs.focusEditor();
  await vs.press("Control+z");
  await vs.untilText("shapes.py", "the original is back", (text) => text === SHAPES);
});

scenario("each of several cursors is a session of its own", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.goTo(5, 8);
  await vs.page
    .locator(".view-line", { hasText: "y = x * 2" })
    .first()
    .click({ modifiers: ["Alt"] });
  await until("there are two cursors", () =>
    vs.code.probe.run((vscode) => vscode.window.activeTextEditor?.selections.length === 2),
  );
  await openWithScope("function");
  await vs.type("say what it does");
  await vs.press("Enter");
  const asked = [await model.next(), await model.next()];
  assert.equal((await sessions())?.length, 2);
  for (const one of asked) one.answer(isAbout(one, "area") ? BETTER_AREA : BETTER_DOUBLE, 100);
  await untilReview(2);
  assert.equal(await vs.text("shapes.py"), EDITED.replace(DOUBLE, BETTER_DOUBLE));
});

scenario("a second edit runs beside the first", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const first = await model.next();
  first.say(["```\ndef area(radius):\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  await vs.page.locator(".view-line", { hasText: "def double" }).first().click();
  await vs.press(keyOf("midstream.promptEdit"));
  await vs.page.locator(".quick-input-title", { hasText: "Edit" }).waitFor();
  await until("the input has the focus", () =>
    vs.input.evaluate((element) => element === document.activeElement),
  );
  await vs.type("say what it does");
  await vs.press("Enter");
  const second = await model.next();
  assert.ok(!first.cut, "the first goes on");
  second.answer(BETTER_DOUBLE, 100);
  first.say([`${BETTER_AREA.split("\n").slice(1).join("\n")}\n\`\`\`\n`]);
  first.finish();
  await untilReview(2);
  assert.equal(await vs.text("shapes.py"), EDITED.replace(DOUBLE, BETTER_DOUBLE));
});

scenario("closing the file in mid-stream ends the session", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  await vs.focusEditor();
  await vs.palette("View: Close Editor");
  await vs.page.locator(".monaco-dialog-box .monaco-button", { hasText: "Don't Save" }).click();
  await asked.waitCut();
  await untilNoSession();
});

scenario("in another tab the stream goes on, and is there when one comes back", async () => {
  await vs.open("notes.txt", "something else\n");
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  asked.say(["```\ndef area(radius):\n"]);
  await vs.untilText("shapes.py", "the first line is there", (text) => text.includes("radius"));
  await vs.page
    .locator(".explorer-folders-view .monaco-list-row", { hasText: "notes.txt" })
    .click();
  await until("the other tab is shown", () =>
    vs.code.probe.run((vscode) =>
      vscode.window.activeTextEditor?.document.fileName.endsWith("notes.txt"),
    ),
  );
  asked.say([`${BETTER_AREA.split("\n").slice(1).join("\n")}\n\`\`\`\n`]);
  asked.finish();
  await untilReview();
  assert.equal(await vs.text("notes.txt"), "something else\n");
  await vs.page
    .locator(".explorer-folders-view .monaco-list-row", { hasText: "shapes.py" })
    .click();
  await vs.code.screenshot("back-in-the-tab");
  assert.equal((await vs.savedBytes("shapes.py")).toString(), EDITED);
});

scenario("a read-only editor says so before anything is asked of the model", async () => {
  await vs.code.probe.run(async (vscode) => {
    await vscode.workspace
      .getConfiguration("files")
      .update("readonlyInclude", { "**/locked.py": true }, true);
  });
  await vs.open("locked.py", SHAPES);
  await vs.selectLines(4, 7);
  const said = notification(/read-only/i).first();
  for (const start of [
    () => vs.press(keyOf("midstream.promptEdit")),
    () => run("midstream.promptEdit"),
  ]) {
    await start();
    await said.waitFor();
    await vs.input.waitFor({ state: "hidden" });
    await vs.code.probe.run((vscode) => vscode.commands.executeCommand("notifications.clearAll"));
    await said.waitFor({ state: "hidden" });
    await vs.focusEditor();
  }
  assert.deepEqual(await sessions(), []);
  assert.equal(model.waiting, 0);
});

scenario("a document that is no file gets a sentence", async () => {
  await vs.code.probe.run(async (vscode, _diary, text) => {
    vscode.workspace.registerTextDocumentContentProvider("tests", {
      provideTextDocumentContent: () => text,
    });
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse("tests:/shapes.py"));
    await vscode.window.showTextDocument(document);
  }, SHAPES);
  await vs.focusEditor();
  await vs.press(keyOf("midstream.promptEdit"));
  await notification(/./).first().waitFor();
  await vs.code.screenshot("virtual");
  assert.deepEqual(await sessions(), []);
});

function isAbout(asked: Asked, name: string): boolean {
  // The scope stands last in what is asked; the rest of the file is there for orientation.
  return (
    asked.prompt.lastIndexOf(`def ${name}`) >
    asked.prompt.lastIndexOf(name === "area" ? "def double" : "def area")
  );
}

async function openWithScope(_level: string): Promise<void> {
  await vs.press(keyOf("midstream.promptEdit"));
  await vs.input.waitFor();
  await vs.press(keyOf("midstream.widen"));
  await vs.press(keyOf("midstream.widen"));
}
