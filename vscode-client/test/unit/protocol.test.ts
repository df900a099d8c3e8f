/** `src/core/protocol.ts` and package.json against the server itself: neither may drift. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Change } from "../../src/core/positions.js";
import {
  type Attempt,
  COMMANDS,
  contextPieces,
  HUNK_STATES,
  LEVELS,
  OUTCOMES,
  PHASES,
  type Phase,
  SCOPE_LEVELS,
  type ScopeAnswer,
  sessionState,
  type StatusAnswer,
} from "../../src/core/protocol.js";
import { KEYS, PROFILE_KEYS, WORKSPACE_KEYS } from "../../src/core/settings.js";
import { Server, vocabulary } from "./server.js";
import { apply, range } from "./support.js";

const words = vocabulary();
const sorted = (list: Iterable<string>): string[] => [...list].sort();

void test("the two sides use the same words", () => {
  assert.deepEqual(sorted(Object.values(COMMANDS)), sorted(words.commands));
  assert.deepEqual(sorted(PHASES), sorted(words.phases));
  assert.deepEqual(sorted(OUTCOMES), sorted(words.outcomes));
  assert.deepEqual(sorted(HUNK_STATES), sorted(words.hunkStates));
  assert.deepEqual(sorted(LEVELS), sorted(words.levels));
  assert.deepEqual(sorted(SCOPE_LEVELS), sorted(words.rungs));
});

interface Setting {
  readonly scope: string;
  readonly default: unknown;
  readonly enum?: string[];
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly additionalProperties?: { readonly properties?: Record<string, Setting> };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    configuration: { properties: Record<string, Setting> }[];
    commands: { command: string }[];
    keybindings: { command: string; key: string; args?: { commands: string[] } }[];
  };
};
const properties = Object.assign(
  {},
  ...manifest.contributes.configuration.map((section) => section.properties),
) as Record<string, Setting>;

void test("every setting of the server is in package.json, with its choices", () => {
  const single = words.settings.filter((setting) => !setting.key.startsWith("profiles."));
  assert.deepEqual(sorted(KEYS), sorted([...single.map((setting) => setting.key), "profiles"]));
  const profile = properties["midstream.profiles"]?.additionalProperties?.properties ?? {};
  const inProfiles = words.settings.filter((setting) => setting.key.startsWith("profiles."));
  const ofProfiles = sorted(inProfiles.map((setting) => setting.key.replace("profiles.NAME.", "")));
  assert.deepEqual(sorted(Object.keys(profile)), ofProfiles);
  assert.deepEqual(sorted(PROFILE_KEYS), ofProfiles);
  for (const { key, choices } of words.settings) {
    const setting = key.startsWith("profiles.")
      ? profile[key.replace("profiles.NAME.", "")]
      : properties[`midstream.${key}`];
    assert.ok(setting?.description ?? setting?.markdownDescription, `${key} has no description`);
    if (choices.length > 1) assert.deepEqual(sorted(setting?.enum ?? []), sorted(choices), key);
  }
});

void test("what a workspace must not set is scoped to the machine", () => {
  for (const key of KEYS) {
    const mayWorkspace = words.settings.find((setting) => setting.key === key)?.fromWorkspace;
    assert.equal(WORKSPACE_KEYS.has(key), mayWorkspace ?? false, key);
    const scope = properties[`midstream.${key}`]?.scope;
    assert.equal(scope, mayWorkspace ? "resource" : "machine", key);
  }
});

void test("what decides where code goes or what is run is scoped to the machine", () => {
  const ofWorkspaces = [...WORKSPACE_KEYS].map((key) => `midstream.${key}`);
  for (const [key, { scope }] of Object.entries(properties)) {
    assert.equal(scope, ofWorkspaces.includes(key) ? "resource" : "machine", key);
  }
});

void test("no setting of a workspace that is not trusted counts", () => {
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.deepEqual(sorted(restrictedConfigurations), sorted(Object.keys(properties)));
});

void test("the defaults that package.json shows are the server's", () => {
  for (const { key, default: told } of words.settings) {
    const shown = properties[`midstream.${key}`]?.default;
    if (typeof shown === "object" || shown === undefined) continue;
    assert.equal(JSON.stringify(shown).replaceAll('"', ""), told.replaceAll("`", ""), key);
  }
});

void test("no key of ours is bound to a command that there is not", () => {
  const source = readFileSync("src/commands.ts", "utf8");
  const known = new Set([
    ...words.commands,
    ...[...source.matchAll(/"(midstream\.[\w.]+)"/g)].map((found) => found[1]),
  ]);
  const { commands, keybindings } = manifest.contributes;
  const bound = keybindings.flatMap(({ command, args }) => [command, ...(args?.commands ?? [])]);
  const ours = [...commands.map(({ command }) => command), ...bound].filter((name) =>
    name.startsWith("midstream."),
  );
  for (const name of ours) assert.ok(known.has(name), name);
});

const URI = "file:///project/shapes.py";
const TEXT = "def area(width=1.0, height=2.0):\n    return width * height\n";

/** An editor with one document, as VS Code would be: it applies, and tells what has changed. */
async function edited<T>(work: (server: Server, text: () => string) => Promise<T>): Promise<T> {
  let [text, version] = [TEXT, 1];
  const server: Server = new Server((params) => {
    const { edit } = params as {
      edit: { documentChanges: { edits: { range: Change["range"]; newText: string }[] }[] };
    };
    const changes = (edit.documentChanges[0]?.edits ?? []).map((one) => ({
      range: one.range,
      text: one.newText,
    }));
    text = apply(text, changes);
    version += 1;
    server.notify("textDocument/didChange", {
      textDocument: { uri: URI, version },
      contentChanges: [{ text }],
    });
    return { applied: true };
  });
  const capabilities = {
    general: { positionEncodings: ["utf-16"] },
    workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } },
    experimental: { midstream: { session: true, prompt: true } },
  };
  // The settings of whoever runs the tests must not choose a model.
  const initializationOptions = { profile: "practice" };
  const params = { processId: null, rootUri: null, capabilities, initializationOptions };
  await server.request("initialize", params);
  server.notify("initialized", {});
  const textDocument = { uri: URI, languageId: "python", version, text };
  server.notify("textDocument/didOpen", { textDocument });
  try {
    return await work(server, () => text);
  } finally {
    await server.stop();
  }
}

void test("a whole session of the real server is understood", async () => {
  await edited(async (server, text) => {
    const scope = (await server.run(COMMANDS.scope, {
      uri: URI,
      range: range(1, 4, 1, 4),
    })) as ScopeAnswer;
    assert.ok(scope.ladder.length > 1);
    for (const step of scope.ladder) assert.ok(SCOPE_LEVELS.includes(step.scope));
    const begun = (await server.run(COMMANDS.edit, {
      uri: URI,
      range: range(0, 0, 1, 24),
      instruction: "add type hints",
      scope: "function",
    })) as { session: string };
    const inPhase = (phase: Phase) => (body: unknown) => sessionState(body)?.phase === phase;
    const review = sessionState(await server.session(inPhase("review")));
    assert.match(text(), /width: float/);
    assert.equal(review?.session, begun.session);
    assert.equal(review.model.requested, "practice");
    assert.ok(review.hunks.length > 0);
    assert.ok(review.ledger);
    assert.ok(review.version > 1);
    const { attempts } = (await server.run(COMMANDS.attempts, {})) as { attempts: Attempt[] };
    assert.deepEqual(
      attempts.map((one) => one.instruction),
      ["add type hints"],
    );
    await server.run(COMMANDS.accept, { session: begun.session });
    const ended = sessionState(await server.session(inPhase("ended")));
    assert.equal(ended?.outcome, "accepted");
    // Nothing that was told may be left out by this side.
    const fields = new Set(server.told.flatMap((body) => Object.keys(body as object)));
    const kept = new Set(server.told.flatMap((body) => Object.keys(sessionState(body) ?? {})));
    assert.deepEqual(sorted(fields), sorted(kept));
    const status = (await server.run(COMMANDS.status, {})) as StatusAnswer;
    assert.equal(status.profile, "practice");
    assert.ok(status.profiles.some((one) => one.name === "practice" && one.local));
    assert.equal(typeof Object.values(status.prompts)[0], "string");
    assert.equal(status.last?.["tokens"], ended.ledger?.["tokens"]);
  });
});

void test("the level of a held answer is one of the ladder's", () => {
  const body = {
    session: "s1",
    uri: URI,
    phase: "review",
    scope: { range: range(0, 0, 1, 0), kind: "x", language: "python" },
    hunks: [],
  };
  const held = { position: { line: 0, character: 0 }, text: "x" };
  const heldOf = (scope: unknown) => sessionState({ ...body, held: { ...held, scope } })?.held;
  assert.equal(heldOf("function")?.scope, "function");
  assert.equal(heldOf("planet"), undefined);
  assert.deepEqual(sessionState({ ...body, held })?.held, held);
});

void test("what is no session is not taken for one", () => {
  const good = {
    session: "s1",
    uri: URI,
    phase: "review",
    scope: { range: range(0, 0, 1, 0), kind: "x", language: "python" },
    hunks: [],
  };
  assert.ok(sessionState(good));
  const { phase: _phase, ...noPhase } = good;
  for (const bad of [
    null,
    [],
    "s1",
    noPhase,
    { ...good, phase: "paused" },
    { ...good, scope: { range: { start: 1 }, kind: "x" } },
    { ...good, hunks: [{ id: "h1" }] },
  ]) {
    assert.equal(sessionState(bad), undefined);
  }
});

void test("an offered import is known, and a hunk in a state of a later version is left out", () => {
  const body = {
    session: "s1",
    uri: URI,
    phase: "review",
    scope: { range: range(0, 0, 1, 0), kind: "x", language: "python" },
  };
  const hunk = { id: "h1", range: range(0, 0, 0, 0), before: "" };
  const offer = { ...hunk, state: "offered", offer: "import json\n", kind: "import" };
  const hunksOf = (...hunks: object[]): unknown => sessionState({ ...body, hunks })?.hunks;
  assert.deepEqual(hunksOf(offer), [offer]);
  assert.deepEqual(hunksOf({ ...hunk, state: "dreamt" }, offer), [offer]);
  assert.deepEqual(hunksOf({ ...offer, kind: "poem", offer: 3 }), [{ ...hunk, state: "offered" }]);
  assert.equal(hunksOf({ ...hunk, state: 3 }), undefined);
});

void test("of the context what is no piece is left out", () => {
  const good = { uri: URI, range: range(2, 0, 5, 0), why: "definition", tokens: 40 };
  assert.deepEqual(contextPieces([good]), [good]);
  const { tokens: _tokens, ...uncounted } = good;
  assert.deepEqual(contextPieces([uncounted]), [{ ...good, tokens: 0 }]);
  for (const bad of [
    null,
    3,
    "x",
    {},
    { ...good, uri: 3 },
    { ...good, range: {} },
    { ...good, why: null },
  ]) {
    assert.deepEqual(contextPieces([bad, good]), [good]);
  }
  for (const none of [undefined, null, {}, "x"]) assert.deepEqual(contextPieces(none), []);
});
