/**
 * What goes on behind a stream, listened to from outside of the extension, so that every build can be
 * measured: the pipes between the extension and its server, and the messages from the extension host
 * to the window. For the benchmark only.
 */

import type { Workbench } from "./driver/workbench.js";
import { until } from "./driver/probe.js";

/** One message on the server's pipes. */
export interface Message {
  /** Milliseconds since 1970. */
  at: number;
  way: "to server" | "to editor";
  method: string;
  body: {
    id?: number | string;
    params?: unknown;
    result?: unknown;
  };
}

/** The ranges are those of the LSP. */
export interface Edit {
  range: { start: Place; end: Place };
  newText: string;
}
interface Place {
  line: number;
  character: number;
}

/** What came from the extension host over the time in which it was counted. */
export interface Traffic {
  bytes: number;
  /** How many messages draw, by their name in VS Code's own protocol. */
  drawings: number;
}

interface Listening {
  messages?: Message[];
}

/** Listens to the pipes of the server that runs now. Waits for one. */
export async function listen(vs: Workbench): Promise<void> {
  await until("the server's pipes are found", () =>
    vs.code.probe.run(() => {
      interface Child {
        spawnargs?: string[];
        listenedTo?: boolean;
        exitCode?: number | null;
        stdout: { on(event: "data", heard: (chunk: Uint8Array) => void): void };
        stdin: { write(chunk: Uint8Array | string, ...more: unknown[]): boolean };
      }
      const inside = globalThis as Listening;
      // Node tells of its children only here; the extension keeps its own to itself.
      const { _getActiveHandles: handles } = process as unknown as {
        _getActiveHandles: () => Child[];
      };
      const children = handles
        .call(process)
        .filter((one) => one.spawnargs?.includes("lsp_server") && one.exitCode === null);
      const child = children.at(-1);
      if (child === undefined) return false;
      inside.messages = [];
      if (child.listenedTo) return true;
      child.listenedTo = true;
      const reader = (way: Message["way"]): ((chunk: Uint8Array | string) => void) => {
        let rest = Buffer.alloc(0);
        return (chunk) => {
          rest = Buffer.concat([rest, Buffer.from(chunk as Uint8Array)]);
          for (;;) {
            const head = rest.indexOf("\r\n\r\n");
            const length = Number(
              /Content-Length: (\d+)/i.exec(rest.toString("latin1", 0, 64))?.[1],
            );
            if (head < 0 || rest.length < head + 4 + length) return;
            const text = rest.subarray(head + 4, head + 4 + length).toString();
            rest = rest.subarray(head + 4 + length);
            const body = JSON.parse(text) as Message["body"] & { method?: string };
            inside.messages?.push({ at: Date.now(), way, method: body.method ?? "", body });
          }
        };
      };
      child.stdout.on("data", reader("to editor"));
      const write = child.stdin.write.bind(child.stdin);
      const heard = reader("to server");
      child.stdin.write = (chunk, ...more) => {
        heard(chunk);
        return write(chunk, ...more);
      };
      return true;
    }),
  );
}

/** What was heard since the last time. */
export async function messages(vs: Workbench): Promise<Message[]> {
  return vs.code.probe.run(() => {
    const inside = globalThis as Listening;
    const heard = inside.messages ?? [];
    inside.messages = [];
    return heard;
  });
}

/** The edits that the editor took, each with the milliseconds since the first. */
export function landed(heard: readonly Message[]): { after: number; edits: Edit[] }[] {
  const taken = new Set(
    heard
      .filter((one) => (one.body.result as { applied?: boolean } | undefined)?.applied === true)
      .map((one) => one.body.id),
  );
  const sent = heard.filter(
    (one) => one.method === "workspace/applyEdit" && taken.has(one.body.id),
  );
  const begin = sent[0]?.at ?? 0;
  return sent.map(({ at, body }) => {
    const { edit } = body.params as { edit: { documentChanges: { edits: Edit[] }[] } };
    return { after: at - begin, edits: edit.documentChanges.flatMap((one) => one.edits) };
  });
}

/** The least that can write them: the same edits at the same times, and nothing else. */
export async function replay(
  vs: Workbench,
  script: readonly { after: number; edits: Edit[] }[],
): Promise<void> {
  await vs.code.probe.run(async (vscode, _diary, all) => {
    const editor = vscode.window.activeTextEditor;
    const begin = Date.now();
    const wait = (until: number): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, Math.max(0, until - Date.now())));
    for (const { after, edits } of all) {
      await wait(begin + after);
      const put = async (): Promise<boolean> =>
        (await editor?.edit(
          (builder) => {
            for (const { range, newText } of edits) {
              const { start, end } = range;
              builder.replace(
                new vscode.Range(start.line, start.character, end.line, end.character),
                newText,
              );
            }
          },
          { undoStopBefore: false, undoStopAfter: false },
        )) ?? true;
      // A key that came in between makes VS Code refuse it.
      while (!(await put())) await wait(Date.now() + 5);
    }
  }, script);
}

/** Counts what the window receives; before the window is opened. */
export async function countTraffic(vs: Workbench): Promise<void> {
  await vs.page.addInitScript(() => {
    const page = globalThis as unknown as { traffic: Traffic; WebSocket: typeof WebSocket };
    page.traffic = { bytes: 0, drawings: 0 };
    const Real = page.WebSocket;
    page.WebSocket = class extends Real {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener("message", ({ data }) => {
          if (!(data instanceof Blob)) return;
          page.traffic.bytes += data.size;
          void data.text().then((text) => {
            page.traffic.drawings += text.match(/\$trySetDecorations/g)?.length ?? 0;
          });
        });
      }
    };
  });
}

export async function traffic(vs: Workbench): Promise<Traffic> {
  return vs.page.evaluate(() => ({ ...(globalThis as unknown as { traffic: Traffic }).traffic }));
}
