/** The tests' side of the probe extension: runs functions inside VS Code and brings back what they say. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as VSCode from "vscode";

import { PATIENCE } from "./code.js";

/** What happened to a document or to the selection of an editor, in the order in which it did. */
export type Entry =
  | {
      what: "change";
      at: number;
      file: string;
      version: number;
      /** 1 is an undo, 2 a redo. */
      reason: number;
      changes: { rangeOffset: number; rangeLength: number; text: string }[];
    }
  | {
      what: "selection";
      at: number;
      file: string;
      /** 1 is the keyboard, 2 the mouse, 3 a command; 0 is none of these: the text moved it. */
      kind: number;
      range: [number, number, number, number];
    };

type Inside<W extends unknown[], T> = (
  vscode: typeof VSCode,
  diary: Entry[],
  ...words: W
) => T | Promise<T>;

export class Probe {
  constructor(readonly portFile: string) {}

  async ready(): Promise<void> {
    await until(
      "the extension host answers",
      () => existsSync(this.portFile) && readFileSync(this.portFile, "utf8"),
    );
    await this.run(() => true);
  }

  /** Runs `work` in the extension host. It is sent as text: it sees its arguments and nothing else. */
  async run<W extends unknown[], T>(work: Inside<W, T>, ...words: W): Promise<T> {
    const port = readFileSync(this.portFile, "utf8");
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: { Connection: "close" },
      body: JSON.stringify({ code: work.toString(), words }),
      // What waits for a dialog that nobody answers would wait for ever, and the whole run with it.
      signal: AbortSignal.timeout(PATIENCE),
    });
    const reply = (await response.json()) as { value?: T; error?: string };
    if (reply.error !== undefined) throw new Error(`inside VS Code: ${reply.error}`);
    return reply.value as T;
  }

  /** The log files of the newest window that tell about extensions. */
  logFiles(folder: string): string[] {
    if (!existsSync(folder)) return [];
    const found: string[] = [];
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && /midstream|remoteexthost/i.test(entry.name))
        found.push(join(entry.parentPath, entry.name));
    }
    return found.sort();
  }
}

/** Waits until `look` gives something true, and gives that. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  patience = PATIENCE,
): Promise<Exclude<T, undefined | null | false | "">> {
  const last = Date.now() + patience;
  for (;;) {
    const seen = await look();
    if (seen) return seen as Exclude<T, undefined | null | false | "">;
    if (Date.now() > last) {
      throw new Error(
        `waited ${patience / 1000} s in vain until ${what}; last seen: ${JSON.stringify(seen)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
