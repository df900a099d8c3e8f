/**
 * Midstream as a person uses it in VS Code: the key, the input that stays open as the input,
 * lenses, menus, the status bar. Keys are those of package.json; nothing is called that a user could
 * not call.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Locator } from "playwright-core";

import { ROOT } from "./bare.js";
import { vs } from "./context.js";
import { until } from "./driver/probe.js";

interface Manifest {
  contributes: {
    commands: { command: string; title: string }[];
    keybindings: { command: string; key: string; when: string }[];
  };
}

const { commands, keybindings } = (
  JSON.parse(readFileSync(join(ROOT, "vscode-client", "package.json"), "utf8")) as Manifest
).contributes;

const NAMES: Record<string, string> = {
  ctrl: "Control",
  alt: "Alt",
  shift: "Shift",
  up: "ArrowUp",
  down: "ArrowDown",
};

/** The default key of a command, as Playwright writes keys. */
export function keyOf(command: string): string {
  const key = keybindings.find((binding) => binding.command === command)?.key;
  if (key === undefined) throw new Error(`${command} has no key`);
  const parts = key
    .split("+")
    .map((part) => NAMES[part] ?? part.charAt(0).toUpperCase() + part.slice(1));
  return parts.map((part) => (part.length === 1 ? part.toLowerCase() : part)).join("+");
}

/** Runs a command from the palette. */
export async function run(command: string): Promise<void> {
  const title = commands.find((entry) => entry.command === command)?.title;
  if (title === undefined) throw new Error(`${command} is not in the palette`);
  await vs.palette(`Midstream: ${title}`);
}

/** Presses the edit key and waits for the input. */
export async function openInput(): Promise<void> {
  await vs.press(keyOf("midstream.promptEdit"));
  await vs.input.waitFor();
}

/** Presses the edit key, types the instruction, presses Enter. */
export async function ask(instruction: string): Promise<void> {
  await openInput();
  await vs.type(instruction);
  await vs.press("Enter");
}

/** A sentence in the input, and Enter. */
export async function redirect(sentence: string): Promise<void> {
  await vs.input.waitFor();
  await vs.input.focus();
  await vs.type(sentence);
  await vs.press("Enter");
}

interface Live {
  session: string;
  uri: string;
  phase: string;
}

/**
 * Milliseconds: an Enter so soon after another one is taken for a part of it, so a person waits.
 * Counted from when the edit is seen, since a busy VS Code takes the first Enter late.
 */
const BETWEEN_ENTERS = 750;

/** Ctrl+Enter in the line: accepts. */
export async function acceptByKey(): Promise<void> {
  await vs.input.waitFor();
  await new Promise((resolve) => setTimeout(resolve, BETWEEN_ENTERS));
  await vs.press("Control+Enter");
}

/** The sessions that live, as the server tells (`midstream.status`); null while there is no server. */
export async function sessions(): Promise<Live[] | null> {
  return vs.code.probe.run(async (vscode) => {
    try {
      const told = vscode.commands.executeCommand<{ sessions: Live[] }>("midstream.status", {});
      const status = await told;
      return status.sessions.filter((session) => session.phase !== "ended");
    } catch {
      return null;
    }
  });
}

/** Until the answers are complete and wait for the user's decision. */
export async function untilReview(count = 1): Promise<void> {
  await until(`${count} session(s) in review`, async () => {
    const live = await sessions();
    return live?.length === count && live.every((session) => session.phase === "review");
  });
}

export async function untilNoSession(): Promise<void> {
  await until("no session lives", async () => (await sessions())?.length === 0);
}

/** A lens above the code, by its words. */
export function lens(words: string | RegExp): Locator {
  return vs.page.locator(".codelens-decoration a", { hasText: words });
}

export function statusBar(): Locator {
  return vs.page.locator(".statusbar-item[id^='midstream.midstream']");
}

export function notification(words: string | RegExp): Locator {
  return vs.page.locator(".notification-toast", { hasText: words });
}

/** Switches the profile from the open input, with its button. */
export async function chooseProfile(name: string): Promise<void> {
  const button = (words: string): Locator =>
    vs.page.locator(`.quick-input-titlebar .action-label[aria-label*='${words}']`).first();
  await button("Profile").click();
  const row = vs.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first();
  await row.click();
  await button(`Profile: ${name}`).waitFor();
}

/** The rows of the list that is open. */
export function rows(): Locator {
  return vs.page.locator(".quick-input-list .monaco-list-row");
}

export async function statusBarSays(words: string): Promise<void> {
  await vs.page.locator(".part.statusbar", { hasText: words }).waitFor();
}

/** Enters the key of a profile. */
export async function enterKey(profile: string, key: string): Promise<void> {
  await vs.focusEditor();
  await run("midstream.enterKey");
  await rows().filter({ hasText: profile }).first().click();
  await vs.page.locator(".quick-input-box input[type='password']").waitFor();
  await vs.type(key);
  await vs.press("Enter");
  await statusBarSays(`The key for ${profile} is stored`);
}

/** The user's settings with which a workspace is not trusted until the user says so. */
export const ASK_FOR_TRUST = {
  "security.workspace.trust.enabled": true,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
};

/** The user trusts the workspace. */
export async function trust(): Promise<void> {
  await vs.focusEditor();
  await vs.palette("Workspaces: Manage Workspace Trust");
  await vs.page
    .locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" })
    .first()
    .click();
  await until("it is trusted", () => vs.code.probe.run((vscode) => vscode.workspace.isTrusted));
}

/** The processes that serve, as Linux tells them. */
export function servers(): number[] {
  const serves = (pid: string): boolean => of(pid, "cmdline").includes("lsp_server\0serve");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && serves(name))
    .map(Number);
}

/** Where a process looks for packages. */
export function environment(pid: number): string {
  return /PYTHONPATH=([^\0]*)/.exec(of(String(pid), "environ"))?.[1] ?? "";
}

export function of(pid: string, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return ""; // It has ended meanwhile.
  }
}
