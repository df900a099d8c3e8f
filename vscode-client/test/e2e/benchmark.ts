/**
 * How fast it feels in a real VS Code: what `benchmarks/vscode.py` prints. Times are taken in the page,
 * from the key's own event to the change of what VS Code shows, in milliseconds.
 *
 * Two builds can be measured in one run, each in a VS Code of its own and taking turns. Prints one
 * JSON object.
 */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { bareEnvironment, PYTHON, ROOT, VSIX } from "./bare.js";
import { Code } from "./driver/code.js";
import { Model, pieces } from "./driver/model.js";
import { until } from "./driver/probe.js";
import { Workbench } from "./driver/workbench.js";
import { bigClass } from "./texts.js";
import {
  countTraffic,
  type Edit,
  landed,
  listen,
  type Message,
  messages,
  replay,
  traffic,
} from "./traffic.js";

const EDITS = Number(process.env.MIDSTREAM_BENCH_EDITS ?? 15);
const STREAMS = Number(process.env.MIDSTREAM_BENCH_STREAMS ?? 8);
const KEYS = 25;
/** Milliseconds between two keys. */
const PAUSE = 100;
const EDIT_KEY = "Control+Alt+m";
/** Another packed extension to be measured beside. */
const AGAINST = process.env.MIDSTREAM_BENCH_AGAINST;

interface Watch {
  /** When keys went down and have not shown on the screen yet. */
  pending: number[];
  shown: number[];
}
type Page = typeof globalThis & { watch: Watch };

/** What was measured of one build, in milliseconds where nothing else is said. */
interface Measured {
  activation: number[];
  firstCharacter: number[];
  /** Since the Enter, each step of the way of the first character. */
  stages: Record<string, number[]>;
  quiet: number[];
  streaming: number[];
  /** While the same edits are written by nobody but VS Code itself. */
  bare: number[];
  /** In one second of a stream: edits that landed, orders to draw, and bytes to the window. */
  rates: Record<"edits" | "drawings" | "bytes", number[]>;
}

class Candidate {
  readonly measured: Measured = {
    activation: [],
    firstCharacter: [],
    stages: {},
    quiet: [],
    streaming: [],
    bare: [],
    rates: { edits: [], drawings: [], bytes: [] },
  };

  constructor(readonly vs: Workbench) {}
}

async function main(): Promise<void> {
  const model = await Model.start(PYTHON, ROOT);
  const codes: Code[] = [];
  try {
    for (const [name, vsix] of Object.entries({ benchmark: VSIX, "benchmark-against": AGAINST })) {
      if (vsix === undefined) continue;
      codes.push(
        await Code.start({
          root: ROOT,
          run: join(ROOT, "build", "vscode", name),
          vsix,
          env: bareEnvironment(),
          settings: {
            "midstream.profile": "practice",
            "midstream.profiles": { scripted: { url: model.url, model: "scripted-1" } },
            "midstream.patchFromLines": 1000,
          },
        }),
      );
    }
    const candidates = codes.map((code) => new Candidate(new Workbench(code)));
    for (const { vs, measured } of candidates) {
      await countTraffic(vs);
      await vs.code.open();
      measured.activation = await activationTime(vs);
      await listen(vs);
    }
    for (let n = 0; n < EDITS; n += 1) {
      for (const candidate of candidates) await firstCharacter(candidate, n);
    }
    for (let n = 0; n < STREAMS; n += 1) {
      for (const candidate of candidates) await typing(candidate, model, n);
    }
    const client = join(ROOT, "vscode-client");
    const manifest = JSON.parse(readFileSync(join(client, "package.json"), "utf8")) as {
      main: string;
    };
    const sizes = { bundle: statSync(join(client, manifest.main)).size, vsix: statSync(VSIX).size };
    const [measured, against] = candidates.map((one) => one.measured);
    console.log(JSON.stringify({ measured, against: against ?? null, sizes }));
  } catch (error) {
    for (const code of codes) {
      console.error(`${await code.screenshot("failed")}\n${code.logTail()}`);
    }
    throw error;
  } finally {
    for (const code of codes) await code.stop();
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
async function firstCharacter({ vs, measured }: Candidate, n: number): Promise<void> {
  const source = readFileSync(join(ROOT, "lsp_server", "cli", "examples", "orders.py"), "utf8");
  await vs.open(`orders${n}.py`, source);
  // Upwards, so that the top of the function is on the screen.
  await vs.goTo(77);
  for (let line = 77; line > 32; line -= 1) await vs.press("Shift+ArrowUp");
  await vs.press(EDIT_KEY);
  await vs.input.waitFor();
  await vs.type("use f-strings and rename tmp to total");
  await messages(vs);
  await vs.page.evaluate(() => {
    const page = globalThis as Page;
    page.watch = { pending: [], shown: [] };
    // The first line that the answer changes; lenses may push other lines off the screen.
    const asBefore = (): boolean =>
      [...document.querySelectorAll(".editor-instance .view-line")].some((line) =>
        line.textContent.replace(/\u00a0/g, " ").startsWith("    tmp = 0.0"),
      );
    addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Enter") return;
        page.watch.pending.push(Date.now() - (performance.now() - event.timeStamp));
        const lines = document.querySelector(".editor-instance .view-lines");
        const observer = new MutationObserver(() => {
          if (asBefore()) return;
          page.watch.shown.push(performance.now() - event.timeStamp);
          observer.disconnect();
        });
        if (lines !== null)
          observer.observe(lines, { subtree: true, childList: true, characterData: true });
      },
      { capture: true, once: true },
    );
  });
  await vs.press("Enter");
  const shown = await until("a character has changed", () =>
    vs.page.evaluate(() => (globalThis as Page).watch.shown[0]),
  );
  measured.firstCharacter.push(shown);
  await until("the answer is complete", async () =>
    (await phases(vs)).every((phase) => phase === "review"),
  );
  const pressed = await vs.page.evaluate(() => (globalThis as Page).watch.pending[0] ?? 0);
  for (const [name, at] of stages(await messages(vs))) {
    (measured.stages[name] ??= []).push(at - pressed);
  }
  // An Enter so soon after another one would be taken for a part of it.
  await new Promise((resolve) => setTimeout(resolve, 900));
  await vs.press("Control+Enter");
  await until("the session is over", async () => (await phases(vs)).length === 0);
  await vs.closeAll();
}

/** When the first character came by, in milliseconds since 1970, in the order of its way. */
function stages(heard: readonly Message[]): [string, number][] {
  const first = (fits: (one: Message) => boolean): number => heard.find(fits)?.at ?? NaN;
  const asked = first(
    ({ method, body }) =>
      method === "workspace/executeCommand" &&
      (body.params as { command?: string }).command === "midstream.edit",
  );
  const told = heard.findLast(
    ({ method, body }) => method === "midstream/session" && hasLedger(body.params),
  );
  const { ledger } = (told?.body.params ?? {}) as {
    ledger?: { requestToWire: number; firstToken: number };
  };
  return [
    ["the server is asked", asked],
    ["the model is asked", asked + (ledger?.requestToWire ?? NaN)],
    ["the model's first token", asked + (ledger?.firstToken ?? NaN)],
    ["the server writes the first edit", first((one) => one.method === "workspace/applyEdit")],
    ["VS Code has taken it", first((one) => one.method === "textDocument/didChange")],
  ];
}

function hasLedger(params: unknown): boolean {
  return (params as { ledger?: object | null }).ledger != null;
}

/**
 * Key to character: without a stream, while a class of 400 lines streams at 1,000 tokens a second, and
 * while VS Code alone writes the edits of that stream.
 */
async function typing({ vs, measured }: Candidate, model: Model, n: number): Promise<void> {
  const [old, wanted] = [bigClass(80), bigClass(80, "amount")];
  const file = async (kind: string): Promise<string> => {
    const name = `ledger-${n}-${kind}.py`;
    await vs.open(name, `# note: \n\n${old}\n`);
    await vs.goTo(3);
    return name;
  };
  const toNote = async (): Promise<void> => {
    await vs.page.locator(".view-line", { hasText: "note:" }).first().click();
    await vs.press("End");
  };

  await file("quiet");
  await toNote();
  measured.quiet.push(...(await keys(vs)));
  await vs.closeAll();

  const name = await file("stream");
  await vs.press(EDIT_KEY);
  await vs.input.waitFor();
  await chooseProfile(vs);
  // The server is started anew with it, and the one before is not to be listened to.
  await until("the server runs with the scripted model", () => runsWith(vs, "scripted"));
  await listen(vs);
  await vs.type("call it amount");
  await vs.press("Enter");
  const asked = await model.next();
  await toNote();
  asked.say(["```\n", ...pieces(wanted), "\n```\n"], 1000);
  asked.finish();
  await vs.untilText(name, "the stream has begun", (text) => text.includes("amount"));
  const before = { at: Date.now(), ...(await traffic(vs)) };
  measured.streaming.push(...(await keys(vs)));
  const after = { at: Date.now(), ...(await traffic(vs)) };
  await until("the answer is complete", async () =>
    (await phases(vs)).every((phase) => phase === "review"),
  );
  const heard = await messages(vs);
  const edits = landed(heard);
  if ((await vs.text(name)).includes("value")) {
    const last = heard.filter((one) => one.method === "midstream/session").at(-1);
    throw new Error(`the stream has not written its whole answer: ${JSON.stringify(last?.body)}`);
  }
  count(measured.rates, edits, before, after);
  await vs.closeAll();

  await file("bare");
  await toNote();
  const [times] = await Promise.all([keys(vs), replay(vs, edits)]);
  measured.bare.push(...times);
  await vs.closeAll();
}

type Count = { at: number; bytes: number; drawings: number };

function count(
  rates: Measured["rates"],
  edits: readonly { after: number; edits: Edit[] }[],
  before: Count,
  after: Count,
): void {
  const seconds = (after.at - before.at) / 1000;
  rates.bytes.push((after.bytes - before.bytes) / seconds);
  rates.drawings.push((after.drawings - before.drawings) / seconds);
  const last = edits.at(-1);
  if (last === undefined || last.after === 0) throw new Error("no edits of the stream were heard");
  rates.edits.push(edits.length / (last.after / 1000));
}

async function keys(vs: Workbench): Promise<number[]> {
  await vs.page.evaluate(() => {
    const page = globalThis as Page;
    const watch: Watch = (page.watch = { pending: [], shown: [] });
    const note = (): string =>
      [...document.querySelectorAll(".editor-instance .view-line")]
        .map((l) => l.textContent)
        .find((t) => t.includes("note:")) ?? "";
    const before = note().length;
    const lines = document.querySelector(".editor-instance .view-lines");
    addEventListener(
      "keydown",
      (event) => {
        if (event.key.length === 1) watch.pending.push(event.timeStamp);
      },
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

/** Whether the server runs, and uses this profile. */
async function runsWith(vs: Workbench, profile: string): Promise<boolean> {
  return vs.code.probe.run(async (vscode, _diary, wanted) => {
    try {
      const status = await vscode.commands.executeCommand<{ profile: string }>(
        "midstream.status",
        {},
      );
      return status.profile === wanted;
    } catch {
      return false;
    }
  }, profile);
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
