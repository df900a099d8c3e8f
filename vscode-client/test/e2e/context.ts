/**
 * What all tests share: one VS Code with the packed extension, one scripted model, and `scenario`,
 * which makes a failure readable: a screenshot and the ends of the logs.
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { bareEnvironment, PYTHON, ROOT, VSIX } from "./bare.js";
import { Code, writeSettings } from "./driver/code.js";
import { until } from "./driver/probe.js";
import { Model } from "./driver/model.js";
import { Workbench } from "./driver/workbench.js";

export const OUT = join(ROOT, "build", "vscode", "run");

export let vs: Workbench;
export let model: Model;

let code: Code | undefined;

before(async () => {
  rmSync(join(OUT, "screenshots"), { recursive: true, force: true });
  model = await Model.start(PYTHON, ROOT);
  await start();
});

/** How VS Code is started, where it is another way than usual. */
export interface Start {
  /** More of its environment. */
  env?: Record<string, string>;
  /** Done before the workspace is shown for the first time; the folder is empty. */
  prepare?: () => void;
}

/** Starts VS Code, anew where one runs. */
export async function start({ env = {}, prepare }: Start = {}): Promise<void> {
  await code?.stop();
  code = undefined;
  code = await Code.start({
    root: ROOT,
    run: OUT,
    vsix: VSIX,
    settings: settings(),
    env: { ...bareEnvironment(), ...env },
  });
  vs = new Workbench(code);
  prepare?.();
  await open();
}

/** Shows the workspace anew, and waits for the server. */
export async function open(): Promise<void> {
  await vs.code.open();
  await until("the server answers", profile);
}

after(async () => {
  await code?.stop();
  (model as Model | undefined)?.stop();
});

/** The scripted model is the profile in use, the practice model the other one. */
export function settings(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    "midstream.profile": "scripted",
    "midstream.profiles": {
      scripted: { url: model.url, model: "scripted-1" },
      locked: { url: `${model.url}?door=locked`, model: "scripted-2" },
    },
    ...more,
  };
}

/** The keys of the machine's settings as they were last written. */
let written: string[] = [];

/** Writes the machine's settings, and waits until VS Code has read them and the server's profile is right. */
export async function changeSettings(more: Record<string, unknown>): Promise<void> {
  const values = settings(more);
  const wanted = [...new Set([...written, ...Object.keys(values)])].map(
    (key) => [key, values[key] ?? null] as const,
  );
  written = Object.keys(values);
  writeSettings(OUT, values);
  await until("VS Code has read the settings", () =>
    vs.code.probe.run((vscode, _diary, entries) => {
      const now = vscode.workspace.getConfiguration();
      const value = (key: string): unknown => now.inspect(key)?.globalValue ?? null;
      return entries.every(([key, asked]) => JSON.stringify(value(key)) === JSON.stringify(asked));
    }, wanted),
  );
  await until(
    "the server has the profile that is set",
    async () => (await profile()) === values["midstream.profile"],
  );
}

/**
 * How many scenarios of a run may need a second try. VS Code itself drops a key or opens a menu late
 * when the machine is busy, and from here that looks the same as a mistake of ours; so a first failure
 * is told and tried again in a VS Code that is started anew, with nothing left of the first try. What
 * fails twice fails, and so does a run in which much fails once.
 */
const SECOND_TRIES = 5;
let triedAgain = 0;

/** One test. What went wrong is told with a screenshot, what VS Code said, and the end of its log. */
export function scenario(name: string, body: () => Promise<void>): void {
  test(name, async (context) => {
    try {
      await attempt(name, body);
    } catch (error) {
      triedAgain += 1;
      if (triedAgain > SECOND_TRIES) throw error;
      context.diagnostic(`failed at the first try: ${String(error)}`);
      await start();
      await attempt(`${name} again`, body);
    }
  });
}

async function attempt(name: string, body: () => Promise<void>): Promise<void> {
  await reset();
  try {
    await body();
  } catch (error) {
    const picture = await vs.code.screenshot(`failed-${name.replace(/\W+/g, "-")}`);
    const said = await vs.page.locator(".notification-toast").allInnerTexts();
    const story = [error instanceof Error ? error.stack : String(error), `screenshot: ${picture}`];
    throw new Error([...story, `said: ${said.join(" | ")}`, vs.code.logTail(6)].join("\n"));
  }
}

/** The profile that the server uses; null while there is no server. */
async function profile(): Promise<string | null> {
  return vs.code.probe.run(async (vscode) => {
    try {
      const status = vscode.commands.executeCommand<{ profile: string }>("midstream.status", {});
      return (await status).profile;
    } catch {
      return null;
    }
  });
}

/** Ends what the test before has left, also where it has failed in the middle of something. */
async function reset(): Promise<void> {
  await until("the server answers", profile);
  await vs.code.probe.run(async (vscode) => {
    await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
    await vscode.commands.executeCommand("notifications.clearAll");
    interface Status {
      sessions: { session: string; phase: string }[];
    }
    const { sessions } = await vscode.commands.executeCommand<Status>("midstream.status", {});
    for (const { session } of sessions.filter((one) => one.phase !== "ended")) {
      await vscode.commands.executeCommand("midstream.revert", { session });
    }
  });
  await vs.closeAll();
  await changeSettings({});
  await vs.forgetDiary();
  model.forget();
}
