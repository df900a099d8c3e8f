/** Status, profiles, keys, the walkthrough, and what a cloned repository cannot set. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { bareEnvironment } from "./bare.js";
import { changeSettings, model, open, OUT, scenario, vs } from "./context.js";
import { until } from "./driver/probe.js";
import {
  acceptByKey,
  ask,
  openInput,
  run,
  sessions,
  statusBar,
  untilNoSession,
  untilReview,
} from "./midstream.js";
import { BETTER_AREA, SHAPES } from "./texts.js";

const rows = () => vs.page.locator(".quick-input-list .monaco-list-row");

scenario("a click on the status bar tells model, connection and the last edit", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  (await model.next()).answer(BETTER_AREA);
  await untilReview();
  await acceptByKey();
  await untilNoSession();
  await statusBar().first().click();
  await rows().first().waitFor();
  const shown = (await rows().allInnerTexts()).join("\n");
  await vs.code.screenshot("status");
  for (const word of [/scripted/, /connect|open/i, /token/i, /doctor/i, /log/i, /profile/i])
    assert.match(shown, word);
  await vs.press("Escape");
});

scenario("a key that the user enters reaches the model and no file", async () => {
  const secret = "sk-tests-0123456789abcdef";
  await vs.open("shapes.py", SHAPES);
  await changeSettings({ "midstream.profile": "locked" });
  await until("the profile is shown", async () =>
    /locked/.test(await statusBar().first().innerText()),
  );
  await vs.focusEditor();
  await run("midstream.enterKey");
  await rows().filter({ hasText: "locked" }).first().click();
  await vs.page.locator(".quick-input-box input[type='password']").waitFor();
  await vs.type(secret);
  await vs.press("Enter");
  await until("the input is gone", async () => !(await vs.input.isVisible()));
  await vs.selectLines(4, 7);
  await ask("rename it well");
  const asked = await model.next();
  assert.equal(asked.authorization, `Bearer ${secret}`);
  asked.answer(BETTER_AREA);
  await untilReview();
  for (const folder of ["data", "home", "workspace"]) {
    const { stdout } = spawnSync("grep", ["-rlaF", secret, join(OUT, folder)], {
      encoding: "utf8",
    });
    assert.equal(stdout.trim(), "", "the key is in a file");
  }
});

scenario("a repository's settings cannot choose where code goes", async () => {
  const folder = vs.path(".vscode");
  mkdirSync(folder, { recursive: true });
  const evil = { scripted: { url: "ws://127.0.0.1:9/v1/responses", model: "evil" } };
  writeFileSync(
    join(folder, "settings.json"),
    JSON.stringify({ "midstream.profiles": evil, "midstream.profile": "evil" }),
  );
  try {
    await open();
    await vs.open("shapes.py", SHAPES);
    await vs.selectLines(4, 7);
    await ask("rename it well");
    (await model.next()).answer(BETTER_AREA);
    await untilReview();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

scenario("the walkthrough ends in a real edit with the practice model", async () => {
  await changeSettings({ "midstream.profile": "practice" });
  await run("midstream.openWalkthrough");
  const step = vs.page.locator(".getting-started-step", { hasText: "Make your first edit" });
  await step.click();
  await vs.code.screenshot("walkthrough");
  await vs.page
    .locator(".getting-started-step .monaco-button", { hasText: "Open the practice file" })
    .first()
    .click();
  await until("a file is open", () =>
    vs.code.probe.run((vscode) => vscode.window.activeTextEditor?.document.languageId === "python"),
  );
  const before = await vs.code.probe.run((vscode) =>
    vscode.window.activeTextEditor?.document.getText(),
  );
  await openInput();
  await vs.type("add type hints");
  await vs.press("Enter");
  await untilReview();
  await acceptByKey();
  await untilNoSession();
  const after = await vs.code.probe.run((vscode) =>
    vscode.window.activeTextEditor?.document.getText(),
  );
  assert.notEqual(after, before);
  assert.match(after ?? "", /->/);
  await vs.code.screenshot("walkthrough-done");
});

scenario(
  "the server is the bundled one, run by a Python without packages, and starts again when asked",
  async () => {
    const bare = bareEnvironment();
    const lookFor = ["-I", "-c", "import pygls"];
    assert.notEqual(spawnSync("python3", lookFor, { env: { ...process.env, ...bare } }).status, 0);
    const ours = (): number[] =>
      servers().filter((pid) => environment(pid).includes(join(OUT, "extensions")));
    const [before] = await until("the server runs from the extension's folder", () =>
      ours().length > 0 ? ours() : null,
    );
    await vs.open("shapes.py", SHAPES);
    await vs.focusEditor();
    await run("midstream.restartServer");
    await until(
      "another one runs",
      () => ours().some((pid) => pid !== before) && !ours().includes(before ?? 0),
    );
    await until("it answers", async () => (await sessions()) !== null);
    await vs.selectLines(4, 7);
    await ask("rename it well");
    (await model.next()).answer(BETTER_AREA);
    await untilReview();
  },
);

/** The processes that serve, as Linux tells them. */
function servers(): number[] {
  const serves = (pid: string): boolean => of(pid, "cmdline").includes("lsp_server\0serve");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && serves(name))
    .map(Number);
}

/** Where a process looks for packages. */
function environment(pid: number): string {
  return /PYTHONPATH=([^\0]*)/.exec(of(String(pid), "environ"))?.[1] ?? "";
}

function of(pid: string, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return ""; // It has ended meanwhile.
  }
}
