/**
 * A model whose every word is said by the test: `tests/support/model_process.py`, which speaks the
 * protocol of the real ones.
 */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import { until } from "./probe.js";

/** One request that has come; the test answers it as it likes. */
export class Asked {
  cut = false;

  constructor(
    readonly number: number,
    /** The user's part of what was asked. */
    readonly prompt: string,
    /** The header that carries the key; null without one. */
    readonly authorization: string | null,
    private readonly tell: (order: object) => void,
  ) {}

  /** Sends these deltas at once, or so many a second. */
  say(texts: string[], perSecond?: number): void {
    this.tell({ to: this.number, say: texts, every: perSecond === undefined ? 0 : 1 / perSecond });
  }

  finish(): void {
    this.tell({ to: this.number, finish: true });
  }

  /** The provider says that it could not. */
  fail(code: string): void {
    this.tell({ to: this.number, fail: code });
  }

  /** The network is gone, in the middle of whatever is being said. */
  drop(): void {
    this.tell({ to: this.number, drop: true });
  }

  /** The whole answer, in small pieces: the code in a fence, and the end. */
  answer(code: string, perSecond?: number): void {
    this.say(pieces(`\`\`\`\`\n${code}\n\`\`\`\`\n`), perSecond);
    this.finish();
  }

  async waitCut(): Promise<void> {
    await until("the stream is cut", () => this.cut);
  }
}

type Told =
  | { url: string }
  | { asked: number; prompt: string; authorization: string | null }
  | { cut: number };

export class Model {
  private readonly asked: Asked[] = [];
  private given = 0;

  private constructor(
    readonly url: string,
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
  ) {}

  static async start(python: string, root: string): Promise<Model> {
    const child = spawn(python, ["-m", "tests.support.model_process"], {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    return new Promise((resolve, reject) => {
      let model: Model | null = null;
      child.once("exit", (code) => reject(new Error(`the scripted model ended with ${code}`)));
      lines.on("line", (line) => {
        const told = JSON.parse(line) as Told;
        if ("url" in told) resolve((model = new Model(told.url, child)));
        else model?.hear(told);
      });
    });
  }

  /** The next request, waited for. */
  async next(): Promise<Asked> {
    const asked = await until("the model is asked", () => this.asked[this.given]);
    this.given += 1;
    return asked;
  }

  /** How many requests have come that no test has taken yet. */
  get waiting(): number {
    return this.asked.length - this.given;
  }

  /** Requests that nobody has answered belong to a test that is over. */
  forget(): void {
    this.given = this.asked.length;
  }

  stop(): void {
    this.child.stdin.end();
  }

  private hear(told: Exclude<Told, { url: string }>): void {
    if ("asked" in told) {
      const tell = (order: object): void =>
        void this.child.stdin.write(`${JSON.stringify(order)}\n`);
      this.asked[told.asked - 1] = new Asked(told.asked, told.prompt, told.authorization, tell);
    } else {
      const cut = this.asked[told.cut - 1];
      if (cut !== undefined) cut.cut = true;
    }
  }
}

/** A text as tokens of the usual size: words with the space before them, lines ends, signs. */
export function pieces(text: string): string[] {
  return text.match(/\s*\w{1,6}|\s+|[^\w\s]{1,3}/g) ?? [];
}
