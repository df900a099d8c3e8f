import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionStore } from "../../src/core/store.js";
import { hunk, range, session } from "./support.js";

const URI = "file:///a.py";
const lineAbove = [{ range: range(0, 0, 0, 0), text: "import math\n" }];

void test("a notification is carried across what the user has typed since", () => {
  const store = new SessionStore();
  store.changed(URI, 2, lineAbove);
  store.changed(URI, 3, lineAbove);
  const scope = { ...session().scope, range: range(4, 0, 6, 0) };
  const { now } = store.received(
    session({ version: 2, scope, hunks: [hunk("h1", range(5, 4, 5, 8))] }),
  );
  assert.deepEqual(now.scope.range, range(5, 0, 7, 0));
  assert.deepEqual(now.hunks[0]?.range, range(6, 4, 6, 8));
  assert.equal(now.version, 3);
});

void test("ranges move on while the user types in review", () => {
  const store = new SessionStore();
  store.received(session({ phase: "review", hunks: [hunk("h1", range(5, 4, 5, 8), "old")] }));
  assert.equal(store.changed(URI, 2, lineAbove), true);
  assert.deepEqual(store.get("s1")?.hunks[0]?.range, range(6, 4, 6, 8));
  assert.equal(store.changed("file:///other.py", 2, lineAbove), false);
});

void test("held text stays behind what is typed before it", () => {
  const store = new SessionStore();
  store.received(session({ held: { position: { line: 3, character: 0 }, text: "x" } }));
  store.changed(URI, 2, lineAbove);
  assert.deepEqual(store.get("s1")?.held?.position, { line: 4, character: 0 });
});

void test("an ended session is told once and then gone", () => {
  const store = new SessionStore();
  store.received(session());
  const { now, before } = store.received(session({ phase: "ended", outcome: "accepted" }));
  assert.equal(now.phase, "ended");
  assert.equal(before?.phase, "streaming");
  assert.equal(store.get("s1"), undefined);
});

void test("the session meant is the one at the cursor, else the latest of the document", () => {
  const store = new SessionStore();
  const scope = (from: number, to: number) => ({
    ...session().scope,
    range: range(from, 0, to, 0),
  });
  store.received(session({ session: "s1", scope: scope(0, 5) }));
  store.received(session({ session: "s2", scope: scope(10, 15) }));
  store.received(session({ session: "s3", uri: "file:///b.py", scope: scope(0, 5) }));
  assert.equal(store.meant(URI, { line: 2, character: 0 })?.session, "s1");
  assert.equal(store.meant(URI, { line: 8, character: 0 })?.session, "s2");
  assert.equal(store.meant("file:///c.py", { line: 0, character: 0 })?.session, "s3");
  assert.equal(store.meant(undefined, undefined)?.session, "s3");
});

void test("with the server all sessions are gone", () => {
  const store = new SessionStore();
  store.received(session());
  assert.deepEqual(
    store.clear().map((lost) => lost.session),
    ["s1"],
  );
  assert.deepEqual(store.all, []);
});
