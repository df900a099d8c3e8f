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

/** `midstream.runDoctor`: what `midstream doctor` says, in a channel of its own. */
export function runDoctor(app: App, channel: OutputChannel): void {
  const server = app.client.serverCommand;
  channel.show();
  if (!server) {
    channel.appendLine(app.client.sentence ?? "The server has not been found yet.");
    return;
  }
  const folder = workspace.workspaceFolders?.find((f) => f.uri.scheme === "file");
  const options = {
    env: server.env,
    timeout: PATIENCE,
    ...(folder ? { cwd: folder.uri.fsPath } : {}),
  };
  channel.appendLine("The doctor reads the settings files, not the settings of VS Code.\n");
  execFile(server.command, [...server.args, "doctor"], options, (error, out, errors) => {
    channel.append(out);
    channel.append(errors);
    // What it found wrong, it has said; anything else is said here.
    if (error && out === "" && errors === "") channel.appendLine(error.message);
  });
}
