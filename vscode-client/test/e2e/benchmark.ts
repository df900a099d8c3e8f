/**
 * How fast it feels in a real VS Code: what `benchmarks/vscode.py` prints. Times are taken in the page,
 * from the key's own event to the change of what VS Code shows, in milliseconds.
 *
 * Prints one JSON object of lists.
 */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { bareEnvironment, PYTHON, ROOT, VSIX } from "./bare.js";
import { Code } from "./driver/code.js";
import { Model, pieces } from "./driver/model.js";
import { until } from "./driver/probe.js";
import { Workbench } from "./driver/workbench.js";
import { bigClass } from "./texts.js";

const EDITS = Number(process.env.MIDSTREAM_BENCH_EDITS ?? 15);
const STREAMS = Number(process.env.MIDSTREAM_BENCH_STREAMS ?? 8);
const KEYS = 25;
/** Milliseconds between two keys. */
const PAUSE = 100;
const EDIT_KEY = "Control+Alt+m";

interface Watch {
  /** When keys went down and have not shown on the screen yet. */
  pending: number[];
  shown: number[];
}
type Page = typeof globalThis & { watch: Watch };

async function main(): Promise<void> {
  const model = await Model.start(PYTHON, ROOT);
  const code = await Code.start({
    root: ROOT,
    run: join(ROOT, "build", "vscode", "benchmark"),
    vsix: VSIX,
    env: bareEnvironment(),
    settings: {
      "midstream.profile": "practice",
      "midstream.profiles": { scripted: { url: model.url, model: "scripted-1" } },
      "midstream.patchFromLines": 1000,
    },
  });
  try {
    const vs = new Workbench(code);
    await code.open();
    const activation = await activationTime(vs);
    const firstCharacter = await firstCharacters(vs);
    const [quiet, streaming] = await typing(vs, model);
    const client = join(ROOT, "vscode-client");
    const manifest = JSON.parse(readFileSync(join(client, "package.json"), "utf8")) as {
      main: string;
    };
    const sizes = { bundle: statSync(join(client, manifest.main)).size, vsix: statSync(VSIX).size };
    console.log(JSON.stringify({ activation, firstCharacter, quiet, streaming, sizes }));
  } catch (error) {
    console.error(`${await code.screenshot("failed")}\n${code.logTail()}`);
    throw error;
  } finally {
    await code.stop();
    model.stop();
  }
}

/** As VS Code itself counts it: "Show Running Extensions". */
async function activationTime(vs: Workbench): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    await vs.code.open();
    await vs.palette("Developer: Show Running Extensions");
    const row = vs.page.locator(".runtime-extensions-editor .monaco-list-row", {
      hasText: /^Midstream/,
    });
    const found = await until("VS Code tells the time of activation", async () =>
      /Activation: (\d+)ms/.exec((await row.count()) > 0 ? await row.first().innerText() : ""),
    );
    times.push(Number(found[1]));
    await vs.closeAll();
  }
  return times;
}

/** Enter in the input to the first changed character on the screen, the practice model answering. */
async function firstCharacters(vs: Workbench): Promise<number[]> {
  const source = readFileSync(join(ROOT, "lsp_server", "cli", "examples", "orders.py"), "utf8");
  const times: number[] = [];
  for (let n = 0; n < EDITS; n += 1) {
    await vs.open(`orders${n}.py`, source);
    // Upwards, so that the top of the function is on the screen.
    await vs.goTo(77);
    for (let line = 77; line > 32; line -= 1) await vs.press("Shift+ArrowUp");
    await vs.press(EDIT_KEY);
    await vs.input.waitFor();
    await vs.type("use f-strings and rename tmp to total");
    await vs.page.evaluate(() => {
      const page = globalThis as Page;
      page.watch = { pending: [], shown: [] };
      // The first line that the answer changes; lenses may push other lines off the screen.
      const asBefore = (): boolean =>
        [...document.querySelectorAll(".editor-instance .view-line")].some((line) =>
          (line.textContent ?? "").replace(/\u00a0/g, " ").startsWith("    tmp = 0.0"),
        );
      addEventListener(
        "keydown",
        (event) => {
          if (event.key !== "Enter") return;
          const look = (): void => {
            if (asBefore()) requestAnimationFrame(look);
            else page.watch.shown.push(performance.now() - event.timeStamp);
          };
          look();
        },
        { capture: true, once: true },
      );
    });
    await vs.press("Enter");
    times.push(
      await until("a character has changed", () =>
        vs.page.evaluate(() => (globalThis as Page).watch.shown[0]),
      ),
    );
    await until("the answer is complete", async () =>
      (await phases(vs)).every((phase) => phase === "review"),
    );
    // An Enter so soon after another one would be taken for a part of it.
    await new Promise((resolve) => setTimeout(resolve, 900));
    await vs.press("Control+Enter");
    await until("the session is over", async () => (await phases(vs)).length === 0);
    await vs.closeAll();
  }
  return times;
}

/** Key to character, without a stream and while a class of 400 lines streams at 1,000 tokens a second. */
async function typing(vs: Workbench, model: Model): Promise<[number[], number[]]> {
  const [old, wanted] = [bigClass(80), bigClass(80, "amount")];
  const [quiet, streaming]: [number[], number[]] = [[], []];
  for (let n = 0; n < STREAMS; n += 1) {
    for (const stream of [false, true]) {
      await vs.open(`ledger${n}${stream}.py`, `# note: \n\n${old}\n`);
      await vs.goTo(3);
      if (stream) {
        await vs.press(EDIT_KEY);
        await vs.input.waitFor();
        await chooseProfile(vs);
        await vs.type("call it amount");
        await vs.press("Enter");
        const asked = await model.next();
        await vs.page.locator(".view-line", { hasText: "note:" }).first().click();
        await vs.press("End");
        asked.say(["```\n", ...pieces(wanted), "\n```\n"], 1000);
        asked.finish();
        await vs.untilText(`ledger${n}true.py`, "the stream has begun", (text) =>
          text.includes("amount"),
        );
      } else {
        await vs.page.locator(".view-line", { hasText: "note:" }).first().click();
        await vs.press("End");
      }
      (stream ? streaming : quiet).push(...(await keys(vs)));
      if (stream)
        await until("the answer is complete", async () =>
          (await phases(vs)).every((p) => p === "review"),
        );
      await vs.closeAll();
    }
  }
  return [quiet, streaming];
}

async function keys(vs: Workbench): Promise<number[]> {
  await vs.page.evaluate(() => {
    const page = globalThis as Page;
    const watch: Watch = (page.watch = { pending: [], shown: [] });
    const note = (): string =>
      [...document.querySelectorAll(".editor-instance .view-line")]
        .map((l) => l.textContent ?? "")
        .find((t) => t.includes("note:")) ?? "";
    const before = note().length;
    const lines = document.querySelector(".editor-instance .view-lines");
    addEventListener(
      "keydown",
      (event) => void (event.key.length === 1 && watch.pending.push(event.timeStamp)),
      true,
    );
    const observer = new MutationObserver(() => {
      const there = note().length - before;
      while (watch.shown.length < there && watch.pending.length > 0) {
        watch.shown.push(performance.now() - (watch.pending.shift() ?? 0));
      }
    });
    if (lines !== null)
      observer.observe(lines, { subtree: true, childList: true, characterData: true });
  });
  await vs.type("abcdefghijklmnopqrstuvwxyz".slice(0, KEYS), PAUSE);
  await until("all keys are on the screen", () =>
    vs.page.evaluate((n) => (globalThis as Page).watch.shown.length >= n, KEYS),
  );
  return vs.page.evaluate(() => (globalThis as Page).watch.shown);
}

async function chooseProfile(vs: Workbench): Promise<void> {
  await vs.page
    .locator(".quick-input-titlebar .action-label[aria-label*='rofile']")
    .first()
    .click();
  await vs.page
    .locator(".quick-input-list .monaco-list-row", { hasText: "scripted" })
    .first()
    .click();
  await until(
    "the profile is chosen",
    async () =>
      (await vs.page
        .locator(".quick-input-titlebar .action-label[aria-label*='scripted']")
        .count()) > 0,
  );
}

async function phases(vs: Workbench): Promise<string[]> {
  const status = await vs.code.probe.run(
    (vscode) =>
      vscode.commands.executeCommand("midstream.status", {}) as Promise<{
        sessions: { phase: string }[];
      }>,
  );
  return status.sessions.map((session) => session.phase).filter((phase) => phase !== "ended");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
