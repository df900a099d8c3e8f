import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addsImports,
  type Inspected,
  type Key,
  ofEither,
  ofUser,
} from "../../src/core/settings.js";
import { staysHere, untrusted } from "../../src/core/trust.js";

const inspect =
  (set: Partial<Record<Key, Inspected>>) =>
  (key: Key): Inspected | undefined =>
    set[key];

void test("what nobody has set is not sent: the user's own file stands behind it", () => {
  assert.deepEqual(ofUser(inspect({})), {});
  assert.deepEqual(ofEither(inspect({}), true), {});
});

void test("a workspace's values never go the user's way", () => {
  const set = inspect({
    profile: { workspaceValue: "evil" },
    profiles: { workspaceFolderValue: { evil: { url: "wss://evil.example" } } },
    redactSecrets: { workspaceValue: false },
    publish: { globalValue: "line", workspaceValue: "token" },
  });
  assert.deepEqual(ofUser(set), { publish: "line" });
  assert.deepEqual(ofEither(set, true), { publish: "token" });
});

void test("what a workspace may set goes the second way too when the user has set it", () => {
  const set = inspect({
    patchFromLines: { globalValue: 40 },
    publish: { globalValue: "line", workspaceValue: "token" },
    profile: { globalValue: "mine" },
    prompts: { globalValue: { a: "mine", b: "mine" }, workspaceValue: { b: "theirs" } },
    ignore: { globalValue: ["*.pem", "!test.pem"], workspaceValue: ["*.key"] },
  });
  assert.deepEqual(ofEither(set, true), {
    patchFromLines: 40,
    publish: "token",
    prompts: { a: "mine", b: "theirs" },
    ignore: ["*.pem", "*.key"],
  });
  assert.deepEqual(ofEither(set, false), {
    patchFromLines: 40,
    publish: "line",
    prompts: { a: "mine", b: "mine" },
    ignore: ["*.pem"],
  });
});

void test("a workspace that is not trusted sets nothing", () => {
  assert.deepEqual(ofEither(inspect({ publish: { workspaceValue: "token" } }), false), {});
});

void test("a folder's value comes before the workspace's", () => {
  const set = inspect({ publish: { workspaceValue: "line", workspaceFolderValue: "token" } });
  assert.deepEqual(ofEither(set, true), { publish: "token" });
});

void test("what is to stay here is said by the user, the workspace and each of its folders", () => {
  const set = inspect({
    ignore: { globalValue: "u", workspaceValue: "w", workspaceFolderValue: ["f", "!x"] },
  });
  const other = inspect({ ignore: { workspaceValue: "w", workspaceFolderValue: ["g"] } });
  assert.deepEqual(ofEither(set, true, [other]), { ignore: ["u", "w", "f", "!x", "g"] });
  assert.deepEqual(ofEither(set, false, [other]), { ignore: ["u"] });
});

void test("what cannot be read of that goes to the server, which then sends nothing", () => {
  const set = inspect({ ignore: { globalValue: ["u"], workspaceValue: { a: true } } });
  assert.deepEqual(ofEither(set, true), { ignore: { a: true } });
});

void test("only models on this machine stay where the workspace is not trusted", () => {
  const profiles = {
    far: { url: "wss://models.example/v1/responses" },
    trick: { url: "wss://localhost.models.example/v1" },
    near: { url: "ws://127.0.0.1:9000/v1/responses" },
    six: { url: "ws://[::1]:9000/v1/responses" },
    local: { provider: "openai-chat", baseUrl: "http://localhost:11434/v1" },
    hosted: { provider: "anthropic" },
    practice: { provider: "practice" },
  };
  const found = untrusted({ profile: "far", profiles, publish: "line" });
  assert.deepEqual(Object.keys(found["profiles"] as object), ["near", "six", "local", "practice"]);
  assert.equal(found["profile"], "practice");
  assert.equal(found["publish"], "line");
  assert.equal(untrusted({ profile: "near", profiles })["profile"], "near");
  assert.equal(untrusted({})["profile"], "practice");
});

void test("what is no profile leads nowhere", () => {
  for (const odd of [undefined, null, "wss://localhost", {}, { url: 5 }, { url: "localhost" }]) {
    assert.equal(staysHere(odd), false);
  }
});

void test("a profile with a fault in its place is not here, wherever the rest of it leads", () => {
  const here = "http://127.0.0.1:11434/v1";
  for (const odd of [
    { url: 5, baseUrl: here },
    { url: null, baseUrl: here },
    { url: "", baseUrl: here },
    { baseUrl: here },
    { provider: "openai-chat" },
    { provider: "openai-chat", baseUrl: null },
    { provider: "openai-chat", baseUrl: [here] },
    { provider: "openai-chat", base_url: here },
    { provider: "openai-chat", baseUrl: here, baseurl: "https://models.example/v1" },
    { provider: "openai-chat", baseUrl: here, url: "wss://models.example/v1" },
    { provider: "openai-chat", baseUrl: here, api_base: "https://models.example/v1" },
    { provider: "someone", baseUrl: here },
    { provider: null, url: "ws://127.0.0.1:9/v1" },
    { provider: ["practice"] },
    { provider: "practice", url: "wss://models.example/v1" },
    { provider: "practice", baseUrl: "https://models.example/v1" },
    [{ url: "ws://127.0.0.1:9/v1" }],
  ]) {
    assert.equal(staysHere(odd), false, JSON.stringify(odd));
  }
});

void test("this machine is what every reader of an address takes for it", () => {
  const url = (host: string): object => ({ url: `ws://${host}/v1/responses` });
  for (const host of ["localhost", "LOCALHOST:9", "127.0.0.1", "127.9.255.0:65535", "[::1]:9"]) {
    assert.equal(staysHere(url(host)), true, host);
  }
  for (const host of [
    "127.999.0.1",
    "127.0.0.256",
    "127.0.0.01",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0.0.0.0",
    "128.0.0.1",
    "localhost.",
    "localhost.models.example",
    "127.0.0.1.models.example",
    "user@127.0.0.1",
    "127.0.0.1@models.example",
    "127.0.0.1:9@models.example",
    "127.0.0.1\\@models.example",
    "127.0.0.1\t.models.example",
    " 127.0.0.1",
    "\u0661\u0662\u0667.0.0.1",
    "[::]",
    "[::ffff:7f00:1]",
    "",
  ]) {
    assert.equal(staysHere(url(host)), false, host);
  }
  assert.equal(staysHere({ url: "ws:127.0.0.1" }), false);
  assert.equal(staysHere({ url: "//127.0.0.1/v1" }), false);
  assert.equal(staysHere({ url: "ws://127.0.0.1/v1\n" }), false);
});

void test("where a workspace may set less than the user, only its own value goes its way", () => {
  const set = inspect({
    context: { globalValue: { files: ["notes.md"] }, workspaceValue: { callers: false } },
    rules: { globalValue: ["AGENTS.md", "my-rules.md"] },
    imports: { globalValue: "add" },
  });
  assert.deepEqual(ofEither(set, true), { context: { callers: false } });
  assert.deepEqual(ofEither(set, false), {});
  assert.deepEqual(ofUser(set), {
    context: { files: ["notes.md"] },
    rules: ["AGENTS.md", "my-rules.md"],
    imports: "add",
  });
});

void test("only the user decides that an accept adds imports, and a workspace may take it back", () => {
  const adds = (imports: Inspected, trusted = true): boolean =>
    addsImports(inspect({ imports }), trusted);
  assert.equal(adds({}), false);
  assert.equal(adds({ globalValue: "add" }), true);
  assert.equal(adds({ workspaceValue: "add" }), false);
  assert.equal(adds({ globalValue: "ask", workspaceValue: "add" }), false);
  assert.equal(adds({ globalValue: "add", workspaceValue: "ask" }), false);
  assert.equal(adds({ globalValue: "add", workspaceFolderValue: "never" }), false);
  assert.equal(adds({ globalValue: "add", workspaceValue: "never" }, false), true);
});
