/** Status, profiles, keys, the walkthrough, and what a cloned repository cannot set. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { bareEnvironment, bareFolder } from "./bare.js";
import { changeSettings, model, open, OUT, scenario, settings, vs } from "./context.js";
import { Chat } from "./driver/chat.js";
import { writeSettings, writeUserSettings } from "./driver/code.js";
import { until } from "./driver/probe.js";
import {
  acceptByKey,
  ask,
  ASK_FOR_TRUST,
  chooseProfile,
  enterKey,
  environment,
  notification,
  of,
  openInput,
  rows,
  run,
  servers,
  sessions,
  statusBar,
  statusBarSays,
  trust,
  untilNoSession,
  untilReview,
} from "./midstream.js";
import { AREA, BETTER_AREA, SHAPES } from "./texts.js";

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
  await enterKey("locked", secret);
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
  // Once it is forgotten, the door stays shut.
  await vs.press("Escape");
  await vs.focusEditor();
  await run("midstream.forgetKey");
  await rows().filter({ hasText: "locked" }).first().click();
  await statusBarSays("The key for locked is deleted");
  await vs.goTo(11);
  await ask("say what it does");
  await notification(/401|key/i)
    .first()
    .waitFor();
  assert.equal(model.waiting, 0);
});

scenario("each edit goes to the profile that is chosen, also behind the gateway", async () => {
  const chat = await Chat.start(`\`\`\`\n${BETTER_AREA}\n\`\`\`\n`);
  try {
    const api = { provider: "openai-chat", baseUrl: chat.url };
    await changeSettings({
      "midstream.profile": "one",
      "midstream.profiles": {
        one: { ...api, model: "model-1" },
        two: { ...api, model: "model-2" },
      },
    });
    await vs.open("shapes.py", SHAPES);
    await vs.selectLines(4, 7);
    await ask("rename it well");
    await untilReview();
    assert.equal(await vs.text("shapes.py"), SHAPES.replace(AREA, BETTER_AREA));
    await vs.press("Escape");
    await vs.goTo(SHAPES.replace(AREA, BETTER_AREA).split("\n").indexOf("    y = x * 2") + 1);
    await openInput();
    await chooseProfile("two");
    await vs.type("say what it does");
    await vs.press("Enter");
    await until("the second one is asked", () => chat.asked.length > 1);
    assert.deepEqual(chat.asked, ["model-1", "model-2"]);
    await untilReview(2);
  } finally {
    chat.stop();
  }
});

scenario("a setting that is changed while an edit waits counts for the next one", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.selectLines(4, 7);
  await ask("rename it well");
  (await model.next()).answer(BETTER_AREA);
  await untilReview();
  await vs.press("Escape");
  await changeSettings({ "midstream.patchFromLines": 2 });
  await vs.goTo(10);
  await ask("say what it does");
  const asked = await model.next();
  assert.match(asked.prompt, /unified diff/);
});

scenario("the doctor knows the profiles in VS Code's settings; the log can be shown", async () => {
  await vs.open("shapes.py", SHAPES);
  await vs.focusEditor();
  await run("midstream.runDoctor");
  const said = await until("the doctor is done", async () => {
    const text = await doctorsText();
    return text.includes("docs/editors.md") && text;
  });
  assert.match(said, /`scripted` \(in use\): model scripted-1 at ws:/);
  assert.match(said, /`locked`: model scripted-2/);
  await vs.code.screenshot("doctor");
  await vs.focusEditor();
  await run("midstream.showLog");
  const channels = vs.page.locator(".part.panel select.monaco-select-box");
  await until("the log is shown", () =>
    channels.evaluateAll((all) =>
      all.some((one) => (one as HTMLSelectElement).selectedOptions[0]?.text === "Midstream"),
    ),
  );
  await vs.code.screenshot("log");
  await vs.code.probe.run((vscode) =>
    vscode.commands.executeCommand("workbench.action.closePanel"),
  );
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

scenario(
  "a workspace that is not trusted gets models on this machine only, until it is",
  async () => {
    await vs.page.goto("about:blank");
    writeUserSettings(OUT, ASK_FOR_TRUST);
    const { scripted } = settings()["midstream.profiles"] as Record<string, object>;
    // Not this machine by its name, and yet nothing that a test could reach beyond it.
    const far = { url: "wss://0.0.0.0:9/v1/responses", model: "far" };
    writeSettings(
      OUT,
      settings({ "midstream.profile": "far", "midstream.profiles": { scripted, far } }),
    );
    await open();
    assert.deepEqual(await offered(), ["practice", "scripted"]);
    await until("the status bar tells the practice model", async () =>
      /practice/.test(await statusBar().first().innerText()),
    );
    await vs.open("shapes.py", SHAPES);
    await vs.selectLines(10, 12);
    await ask("add docstrings");
    await vs.untilText("shapes.py", "the practice model answers", (text) => text.includes('"""'));
    await untilReview();
    await vs.press("Escape");
    await vs.goTo(4);
    await openInput();
    await chooseProfile("scripted");
    await vs.type("rename it well");
    await vs.press("Enter");
    (await model.next()).answer(BETTER_AREA);
    await untilReview(2);
    await vs.press("Escape");
    await vs.code.screenshot("not-trusted");
    await vs.closeAll();
    await changeSettings({ "midstream.profiles": { scripted, far } });
    await trust();
    await until("the far one is offered", async () => (await offered()).includes("far"));
  },
);

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

scenario("the interpreter that is chosen in the Python extension runs the server", async () => {
  const python = join(OUT, "chosen", "python3");
  mkdirSync(join(OUT, "chosen"), { recursive: true });
  symlinkSync(realpathSync(join(bareFolder(), "python3")), python);
  writeFileSync(join(OUT, "chosen-python"), python);
  await vs.open("shapes.py", SHAPES);
  await vs.focusEditor();
  await run("midstream.restartServer");
  await until("it runs the server", () =>
    servers().some((pid) => of(String(pid), "cmdline").startsWith(`${python}\0`)),
  );
  await until("it answers", async () => (await sessions()) !== null);
  rmSync(join(OUT, "chosen-python"));
});

scenario("without a Python a sentence says what to do, and a setting mends it", async () => {
  writeSettings(OUT, settings({ "midstream.pythonPath": join(OUT, "no-python") }));
  const sentence = notification(
    /The Python at .*no-python.* needs Python 3\.11.*Install one, or enter its path/,
  );
  await sentence.first().waitFor();
  await until("the status bar warns", async () =>
    /warning/.test((await statusBar().first().getAttribute("class")) ?? ""),
  );
  await vs.code.screenshot("no-python");
  writeSettings(OUT, settings());
  await until("the server answers", async () => (await sessions()) !== null);
});

/** The names of the profiles that the server knows. */
async function offered(): Promise<string[]> {
  return vs.code.probe.run(async (vscode) => {
    interface Status {
      profiles: { name: string }[];
    }
    const told = vscode.commands.executeCommand<Status>("midstream.status", {});
    const { profiles } = await told.then(undefined, () => ({ profiles: [] }));
    return profiles.map((profile) => profile.name).sort();
  });
}

async function doctorsText(): Promise<string> {
  return vs.code.probe.run(
    (vscode) =>
      vscode.workspace.textDocuments
        .find((one) => one.uri.scheme === "midstream-doctor")
        ?.getText() ?? "",
  );
}
