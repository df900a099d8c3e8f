/**
 * What a person does in VS Code: opens files, selects lines, presses keys, reads the screen. Facts
 * about documents come from the probe; what is done is done by mouse and keyboard.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Locator } from "playwright-core";

import type { Code } from "./code.js";
import { type Entry, until } from "./probe.js";

export type Place = [line: number, character: number];

export class Workbench {
  constructor(readonly code: Code) {}

  get page() {
    return this.code.page;
  }

  get input(): Locator {
    return this.page.locator(
      ".quick-input-widget:not([style*='display: none']) .quick-input-box input",
    );
  }

  // -- files --

  path(name: string): string {
    return join(this.code.workspace, name);
  }

  /** Writes a file of the workspace and shows it; `column` is the editor group, counted from 1. */
  async open(name: string, text?: string, column = 1): Promise<void> {
    if (text !== undefined) writeFileSync(this.path(name), text);
    await this.code.probe.run(
      async (vscode, _diary, path, viewColumn) => {
        // Not openTextDocument: that would keep the document open for minutes after its editor is closed.
        await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path), {
          viewColumn,
          preview: false,
        });
      },
      this.path(name),
      column,
    );
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  /** Closes every editor without saving, also those that are not in sight. */
  async closeAll(): Promise<void> {
    const closed = this.code.probe.run(async (vscode) => {
      for (const document of vscode.workspace.textDocuments.filter((one) => one.isDirty)) {
        await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
      }
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    });
    let done = false;
    const settled = (): void => void (done = true);
    closed.then(settled, settled);
    // An editor restored from a backup has no document yet: VS Code asks for it after all.
    const drop = this.page.locator(".monaco-dialog-box .monaco-button", { hasText: "Don't Save" });
    await until("every editor is closed", async () => {
      if (!done && (await drop.isVisible())) await drop.click();
      return done;
    });
    await closed;
  }

  /** What VS Code holds of a file, saved or not. */
  async text(name: string): Promise<string> {
    const open = await this.code.probe.run(
      (vscode, _diary, path) =>
        vscode.workspace.textDocuments.find((d) => d.uri.fsPath === path)?.getText(),
      this.path(name),
    );
    return open ?? readFileSync(this.path(name), "utf8");
  }

  /** Saves with the key and reads the file's bytes. */
  async savedBytes(name: string): Promise<Buffer> {
    await this.press("Control+s");
    await until(`${name} is saved`, () =>
      this.code.probe.run(
        (vscode, _diary, path) =>
          vscode.workspace.textDocuments.every((d) => d.uri.fsPath !== path || !d.isDirty),
        this.path(name),
      ),
    );
    return readFileSync(this.path(name));
  }

  /** Waits until a file's text is as wanted, and gives it; a failure shows what it was instead. */
  async untilText(name: string, what: string, wanted: (text: string) => boolean): Promise<string> {
    let seen = "";
    const look = async (): Promise<boolean> => wanted((seen = await this.text(name)));
    await until(what, look).catch((error: unknown) => {
      throw new Error(`${String(error)}\n--- ${name}\n${seen}`);
    });
    return seen;
  }

  /** Whether a file's text becomes another one within so many milliseconds. */
  async changedWithin(name: string, before: string, milliseconds: number): Promise<boolean> {
    return this.code.probe.run(
      async (vscode, _diary, path, old, patience) => {
        const document = vscode.workspace.textDocuments.find((d) => d.uri.fsPath === path);
        if (document === undefined) return false;
        return new Promise<boolean>((resolve) => {
          const look = (): void => {
            if (document.getText() === old) return;
            finish(true);
          };
          const listener = vscode.workspace.onDidChangeTextDocument(look);
          const timer = setTimeout(() => finish(false), patience);
          const finish = (changed: boolean): void => {
            clearTimeout(timer);
            listener.dispose();
            resolve(changed);
          };
          look();
        });
      },
      this.path(name),
      before,
      milliseconds,
    );
  }

  // -- the cursor --

  /** Puts the cursor at a line and column, both counted from 1, by the key for it. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.focusEditor();
    await this.press("Control+g");
    await this.input.waitFor();
    await this.page.keyboard.type(`${line}:${column}`);
    await this.press("Enter");
    await this.input.waitFor({ state: "hidden" });
    await until(`the cursor is at ${line}:${column}`, async () => {
      const at = await this.selection();
      return at !== null && at[1][0] === line - 1;
    });
  }

  /** Selects whole lines, both ends included and counted from 1, with Shift and the arrow. */
  async selectLines(first: number, last: number): Promise<void> {
    await this.goTo(first);
    for (let line = first; line < last; line += 1) await this.press("Shift+ArrowDown");
    await this.press("Shift+End");
    await until(
      "the lines are selected",
      async () => (await this.selection())?.[1][0] === last - 1,
    );
  }

  async focusEditor(): Promise<void> {
    await this.code.probe.run((vscode) =>
      vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup"),
    );
  }

  /** Start and end of the selection in the active editor, counted from 0. */
  async selection(): Promise<[Place, Place] | null> {
    return this.code.probe.run((vscode) => {
      const selection = vscode.window.activeTextEditor?.selection;
      if (selection === undefined) return null;
      const { start, end } = selection;
      return [
        [start.line, start.character],
        [end.line, end.character],
      ] as [[number, number], [number, number]];
    });
  }

  // -- keys --

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  async type(text: string, pause = 0): Promise<void> {
    await this.page.keyboard.type(text, { delay: pause });
  }

  /** Runs a command from the palette, by its title. */
  async palette(title: string): Promise<void> {
    await this.press("F1");
    await this.input.waitFor();
    await this.input.fill(`>${title}`);
    await this.page
      .locator(".quick-input-list .monaco-list-row", { hasText: title })
      .first()
      .waitFor();
    await this.press("Enter");
  }

  // -- what happened --

  async diary(): Promise<Entry[]> {
    return this.code.probe.run((_vscode, diary) => diary);
  }

  /** From here on. */
  async forgetDiary(): Promise<void> {
    await this.code.probe.run((_vscode, diary) => void diary.splice(0));
  }
}
