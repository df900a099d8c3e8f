/** The real server over standard input and output, for tests of what it and this side agree on. */

import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";

const ROOT = resolve(process.cwd(), "..");

/** The Python of the development environment; another one by MIDSTREAM_PYTHON. */
function python(): string {
  const own = ["bin/python", "Scripts/python.exe"].map((path) => join(ROOT, ".venv", path));
  return process.env["MIDSTREAM_PYTHON"] ?? own.find(existsSync) ?? "python3";
}

/** The server's own words: `python -m tests.support.vocabulary`. */
export function vocabulary(): Vocabulary {
  const printed = execFileSync(python(), ["-m", "tests.support.vocabulary"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return JSON.parse(printed) as Vocabulary;
}

export interface Vocabulary {
  readonly commands: string[];
  readonly phases: string[];
  readonly outcomes: string[];
  readonly hunkStates: string[];
  readonly levels: string[];
  readonly rungs: string[];
  readonly settings: readonly {
    readonly key: string;
    readonly choices: string[];
    readonly default: string;
    readonly fromWorkspace: boolean;
  }[];
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A client that does what it is asked and keeps what it is told. */
export class Server {
  readonly told: unknown[] = [];
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers = new Map<number | string, (message: Message) => void>();
  private readonly waiting: {
    wanted: (body: unknown) => boolean;
    done: (body: unknown) => void;
  }[] = [];
  private buffer = Buffer.alloc(0);
  private asked = 0;

  constructor(private readonly onEdit: (params: unknown) => object) {
    this.child = spawn(python(), ["-m", "lsp_server", "serve"], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.child.stdout.on("data", (chunk: Buffer) => {
      this.buffer = Buffer.concat([this.buffer, chunk]);
      this.read();
    });
  }

  async request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.asked;
    const answered = new Promise<Message>((done) => this.answers.set(id, done));
    this.send({ id, method, params });
    const { error, result } = await answered;
    if (error) throw new Error(error.message);
    return result;
  }

  run(command: string, argument: object): Promise<unknown> {
    return this.request("workspace/executeCommand", { command, arguments: [argument] });
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  /** The next `midstream/session`, or one that has come already, that is wanted. */
  session(wanted: (body: unknown) => boolean): Promise<unknown> {
    const known = this.told.find(wanted);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((done) => this.waiting.push({ wanted, done }));
  }

  async stop(): Promise<void> {
    await this.request("shutdown", null);
    this.notify("exit", null);
    await new Promise((done) => this.child.once("exit", done));
  }

  private read(): void {
    for (;;) {
      const end = this.buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(
        /content-length: *(\d+)/i.exec(this.buffer.toString("utf8", 0, end))?.[1],
      );
      if (this.buffer.length < end + 4 + length) return;
      const body = this.buffer.toString("utf8", end + 4, end + 4 + length);
      this.buffer = this.buffer.subarray(end + 4 + length);
      this.take(JSON.parse(body) as Message);
    }
  }

  private take(message: Message): void {
    const { id, method } = message;
    if (method === undefined) {
      if (id !== undefined) this.answers.get(id)?.(message);
    } else if (id !== undefined) {
      const edit = method === "workspace/applyEdit";
      this.send({ id, result: edit ? this.onEdit(message.params) : null });
    } else if (method === "midstream/session") {
      this.told.push(message.params);
      for (const one of this.waiting.splice(0)) {
        if (one.wanted(message.params)) one.done(message.params);
        else this.waiting.push(one);
      }
    }
  }

  private send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.child.stdin.write(`Content-Length: ${String(body.length)}\r\n\r\n`);
    this.child.stdin.write(body);
  }
}
