/** The status, in a list: what is so, and what can be done about it. And the doctor. */

import { execFile } from "node:child_process";
import {
  type OutputChannel,
  type QuickPickItem,
  ThemeIcon,
  commands,
  window,
  workspace,
} from "vscode";
import type { App } from "./app.js";
import { sharedSettings, userSettings } from "./client.js";
import { type Row, statusRows } from "./core/statusRows.js";

interface Item extends QuickPickItem {
  readonly row: Row;
}

/** `midstream.showStatus`. */
export async function showStatus(app: App): Promise<void> {
  await app.learn();
  const { health, sentence } = app.client;
  const rows = statusRows(health, sentence, app.status, Date.now());
  const items = rows.map((row): Item => ({
    row,
    label: row.label,
    iconPath: new ThemeIcon(row.icon),
    ...(row.detail === undefined ? {} : { description: row.detail }),
  }));
  const picked = await window.showQuickPick(items, {
    title: "Midstream",
    matchOnDescription: true,
  });
  if (picked?.row.command !== undefined) await commands.executeCommand(picked.row.command);
}

/** Milliseconds that the doctor may take: it looks at each profile. */
const PATIENCE = 60_000;

/**
 * `midstream.runDoctor`: what `midstream doctor` says, in a channel of its own. It is told the
 * settings that the server gets, and for which profiles there is a key, but no key.
 */
export async function runDoctor(app: App, channel: OutputChannel): Promise<void> {
  const server = app.client.serverCommand;
  channel.show();
  channel.clear();
  if (!server) {
    channel.appendLine(app.client.sentence ?? "The server has not been found yet.");
    return;
  }
  const told = JSON.stringify({
    initializationOptions: userSettings(),
    configuration: sharedSettings(),
    keys: Object.keys(await app.keys.all()),
  });
  const folder = workspace.workspaceFolders?.find((f) => f.uri.scheme === "file");
  const options = {
    env: server.env,
    timeout: PATIENCE,
    ...(folder ? { cwd: folder.uri.fsPath } : {}),
  };
  const words = [...server.args, "doctor", "--editor"];
  const doctor = execFile(server.command, words, options, (error, out, errors) => {
    channel.append(out);
    channel.append(errors);
    // What it found wrong, it has said; anything else is said here.
    if (error && out === "" && errors === "") channel.appendLine(error.message);
  });
  // One that has ended before it has read is told of above.
  doctor.stdin?.on("error", () => undefined);
  doctor.stdin?.end(told);
}
