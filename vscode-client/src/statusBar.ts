/** The status bar's entry: model, speed and phase while an edit runs, else the profile in use. */

import { type Disposable, StatusBarAlignment, ThemeColor, window } from "vscode";
import type { SessionState } from "./core/protocol.js";
import { type Health, statusWords } from "./core/words.js";

export class StatusBar implements Disposable {
  private readonly item = window.createStatusBarItem(
    "midstream.status",
    StatusBarAlignment.Right,
    100,
  );

  private shown = "";

  constructor() {
    this.item.name = "Midstream";
    this.item.command = "midstream.showStatus";
    this.item.show();
  }

  show(health: Health, profile: string, session: SessionState | undefined, why?: string): void {
    const words = statusWords(health, profile, session, why);
    // VS Code sends the entry to the window each time it is written to, also with what it says already.
    const now = JSON.stringify(words);
    if (now === this.shown) return;
    this.shown = now;
    this.item.text = words.text;
    this.item.tooltip = words.tooltip;
    this.item.backgroundColor = words.warning
      ? new ThemeColor("statusBarItem.warningBackground")
      : undefined;
  }

  dispose(): void {
    this.item.dispose();
  }
}
