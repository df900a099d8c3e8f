/**
 * What all tests share: one VS Code with the packed extension, one scripted model, and `scenario`,
 * which makes a failure readable: a screenshot and the ends of the logs.
 */

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";

import { Code, writeSettings } from "./driver/code.js";
import { Model } from "./driver/model.js";
import { Workbench } from "./driver/workbench.js";

export const ROOT = process.env.MIDSTREAM_ROOT ?? "";
export const OUT = join(ROOT, "build", "vscode", "run");
const VSIX = join(ROOT, "build", "vscode", "midstream.vsix");
/** An interpreter with Midstream's packages, for the scripted model only. */
const PYTHON = process.env.MIDSTREAM_PYTHON ?? "python3";

export let vs: Workbench;
export let model: Model;

let code: Code | undefined;

before(async () => {
  model = await Model.start(PYTHON, ROOT);
  code = await Code.start({ root: ROOT, run: OUT, vsix: VSIX, settings: settings(), env: bareEnvironment() });
  vs = new Workbench(code);
  await code.open();
});

after(async () => {
  await code?.stop();
  model?.stop();
});

/** The scripted model is the profile in use, the practice model the other one. */
export function settings(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    "midstream.profile": "scripted",
    "midstream.profiles": { scripted: { url: model.url, model: "scripted-1" } },
    ...more,
  };
}

/** A Python that has no packages, not even pip, is the first on the extension's PATH. */
export function bareEnvironment(): Record<string, string> {
  const bare = join(ROOT, "build", "vscode", "bare-python");
  execFileSync(PYTHON, ["-m", "venv", "--clear", "--without-pip", bare]);
  mkdirSync(join(bare, "bin"), { recursive: true });
  return { PATH: `${join(bare, "bin")}${delimiter}${process.env.PATH ?? ""}`, PYTHONPATH: "", VIRTUAL_ENV: "" };
}

export function changeSettings(more: Record<string, unknown>): void {
  writeSettings(OUT, settings(more));
}

/** One test. What went wrong is told with a screenshot and the ends of the logs. */
export function scenario(name: string, body: () => Promise<void>): void {
  test(name, async () => {
    await reset();
    try {
      await body();
    } catch (error) {
      const picture = await vs.code.screenshot(`failed-${name.replace(/\W+/g, "-")}`);
      throw new Error(`${error instanceof Error ? error.stack : String(error)}\n\nscreenshot: ${picture}\n${vs.code.logTail()}`);
    }
  });
}

async function reset(): Promise<void> {
  await vs.press("Escape");
  await vs.closeAll();
  await vs.forgetDiary();
  model.forget();
}
