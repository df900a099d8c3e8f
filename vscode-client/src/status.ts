/** The status, in a list: what is so, and what can be done about it. */

import { type QuickPickItem, ThemeIcon, commands, window } from "vscode";
import type { App } from "./app.js";
import { pathOf, showPiece } from "./editContext.js";
import { type Row, statusRows } from "./core/statusRows.js";

interface Item extends QuickPickItem {
  readonly row: Row;
}

/** `midstream.showStatus`. */
export async function showStatus(app: App): Promise<void> {
  await app.learn();
  const { health, sentence } = app.client;
  const rows = statusRows(health, sentence, app.status, Date.now(), pathOf);
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
  const row = picked?.row;
  if (row?.piece) await showPiece(app, row.piece);
  else if (row?.command !== undefined) await commands.executeCommand(row.command);
}
