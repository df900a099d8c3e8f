/** What is redaction, with two real ends of a conversation and all of it traced. */

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  Trace,
  TraceFormat,
} from "vscode-jsonrpc/node";
import { LogRedaction } from "../../src/logRedaction.js";

const SECRET = 'sk-0123456789"\\é';
/** As it may stand in a log: as it is, or as JSON has it. */
const FORMS = [SECRET, JSON.stringify(SECRET).slice(1, -1), "sk-0123456789"];

interface Ends {
  readonly client: MessageConnection;
  readonly server: MessageConnection;
  readonly redaction: LogRedaction;
  /** All that was traced. */
  readonly log: string[];
}

async function ends(format: TraceFormat, work: (ends: Ends) => Promise<void>): Promise<void> {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const redaction = new LogRedaction();
  const writer = redaction.revealing(new StreamMessageWriter(there));
  const client = createMessageConnection(new StreamMessageReader(back), writer);
  const server = createMessageConnection(
    new StreamMessageReader(there),
    new StreamMessageWriter(back),
  );
  const log: string[] = [];
  client.listen();
  server.listen();
  const told = (...words: unknown[]): void =>
    void log.push(...words.map((word) => JSON.stringify(word), ...words.map(String)));
  await client.trace(Trace.Verbose, { log: told }, { traceFormat: format });
  try {
    await work({ client, server, redaction, log });
  } finally {
    client.dispose();
    server.dispose();
  }
}

for (const format of [TraceFormat.Text, TraceFormat.JSON]) {
  void test(`keys reach the server and no trace of any form (${format})`, () =>
    ends(format, async ({ client, server, redaction, log }) => {
      let received: unknown;
      server.onRequest("midstream/keys", (params) => void (received = params));
      await client.sendRequest("midstream/keys", redaction.hide({ fast: SECRET }));
      assert.deepEqual(received, { fast: SECRET });
      assert.ok(
        log.some((line) => line.includes("midstream/keys")),
        "it is traced at all",
      );
      for (const form of FORMS) assert.ok(!log.join("\n").includes(form), form);
    }));

  void test(`what is redaction within the parameters is opened too (${format})`, () =>
    ends(format, async ({ client, server, redaction, log }) => {
      let received: unknown;
      server.onRequest("initialize", (params) => void (received = params));
      const initializationOptions = { profiles: { fast: { url: `wss://x/?key=${SECRET}` } } };
      await client.sendRequest("initialize", {
        processId: 1,
        rootUri: null,
        initializationOptions: redaction.hide(initializationOptions),
      });
      assert.deepEqual(received, { processId: 1, rootUri: null, initializationOptions });
      for (const form of FORMS) assert.ok(!log.join("\n").includes(form), form);
    }));
}

void test("a server that refuses the keys, or is gone, brings none of them into the trace", () =>
  ends(TraceFormat.Text, async ({ client, server, redaction, log }) => {
    const send = (): Promise<unknown> =>
      client.sendRequest("midstream/keys", redaction.hide({ fast: SECRET }));
    const failures: unknown[] = [];
    await send().catch((error: unknown) => failures.push(error)); // Nobody answers to that.
    server.dispose();
    client.end();
    await send().catch((error: unknown) => failures.push(error));
    assert.equal(failures.length, 2);
    const said = [...log, ...failures.map(String)].join("\n");
    for (const form of FORMS) assert.ok(!said.includes(form), form);
  }));

void test("what nobody has redaction goes as it is", () =>
  ends(TraceFormat.Text, async ({ client, server }) => {
    const received: unknown[] = [];
    const all = [{ a: [1, null, { b: "c" }], d: {} }, {}, "text"];
    server.onRequest("x", (params) => void received.push(params));
    for (const params of all) await client.sendRequest("x", params);
    assert.deepEqual(received, all);
  }));
