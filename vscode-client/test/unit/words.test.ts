import assert from "node:assert/strict";
import { test } from "node:test";
import { type Lens, lenses } from "../../src/core/lenses.js";
import {
  type Hunk,
  type SessionState,
  sessionState,
  type StatusAnswer,
} from "../../src/core/protocol.js";
import { statusRows } from "../../src/core/statusRows.js";
import { changes, sessionLine, statusWords } from "../../src/core/words.js";
import { hunk, importOffer, range, session } from "./support.js";

const two = [hunk("h1", range(1, 0, 1, 3)), hunk("h2", range(4, 0, 4, 3), "old")];

void test("the status bar tells model, phase and speed while an edit runs", () => {
  const running = session({ tokens: 1200, tokensPerSecond: 985.4 });
  assert.equal(
    statusWords("running", "practice", running).text,
    "$(sync~spin) practice streaming 985 tokens/s",
  );
  assert.equal(sessionLine(running), "practice · streaming · 1,200 tokens · 985 tokens/s");
});

void test("what goes on before the answer is told in the server's own words", () => {
  const reading = session({ phase: "starting", status: "reading 1,204 of 4,876 tokens" });
  const shown = statusWords("running", "practice", reading);
  assert.equal(shown.text, "$(sync~spin) reading 1,204 of 4,876 tokens");
  assert.match(shown.tooltip, /practice · reading 1,204 of 4,876 tokens$/);
  const loading = session({ phase: "starting", status: "loading practice" });
  assert.equal(sessionLine(loading), "loading practice");
  assert.equal(sessionState({ ...loading })?.status, "loading practice");
  assert.equal(sessionState({ ...loading, status: 3 })?.status, undefined);
});

void test("in review it counts the changes, and a fault is told as one", () => {
  const review = session({ phase: "review", hunks: two });
  assert.equal(statusWords("running", "practice", review).text, "$(diff) practice 2 changes");
  const failed = { ...review, message: { level: "error" as const, text: "The model is gone." } };
  assert.equal(statusWords("running", "practice", failed).warning, true);
});

void test("the model that answers is named, not the one that was asked for", () => {
  const other = session({ model: { requested: "big", served: "small" } });
  assert.match(statusWords("running", "p", other).text, /small/);
});

void test("without a session the profile is shown, without a server a warning", () => {
  assert.equal(statusWords("running", "fast", undefined).text, "$(sparkle) fast");
  const stopped = statusWords("failed", "fast", undefined, "Midstream needs Python 3.11.");
  assert.equal(stopped.warning, true);
  assert.match(stopped.tooltip, /^Midstream needs Python 3\.11\./);
});

void test("withheld changes are counted by themselves", () => {
  const withheld = hunk("h3", range(6, 0, 6, 3), "", { state: "withheld", offer: "x" });
  assert.equal(changes(session({ hunks: [...two, withheld] })), "2 changes, 1 withheld");
  assert.equal(changes(session({ hunks: [withheld] })), "1 withheld");
  assert.equal(changes(session()), "no changes");
});

const titles = (state: ReturnType<typeof session>, problems = 0): string[] =>
  lenses(state, problems).map((lens) => lens.title.replace(/^\$\([a-z-]+\) /, ""));

void test("a running edit can be stopped, a reviewed one compared", () => {
  assert.deepEqual(titles(session()), ["Stop", "Accept", "Revert", "Redirect…"]);
  const review = session({ phase: "review", hunks: two.slice(0, 1) });
  assert.deepEqual(titles(review), ["Accept", "Revert", "Redirect…", "Diff"]);
});

void test("an answer for more than was selected is taken with one click", () => {
  const held = {
    position: { line: 1, character: 4 },
    text: "def f(a):",
    scope: "function",
  } as const;
  const found = lenses(session({ phase: "review", held }), 0);
  assert.deepEqual(
    [found[0]?.title, found[0]?.command, found[0]?.argument],
    [
      "$(fold-up) Show in the Whole Function",
      "midstream.show",
      { session: "s1", scope: "function" },
    ],
  );
  const { scope: _, ...less } = held;
  assert.equal(titles(session({ phase: "review", held: less })).length, 3);
});

void test("several changes each have their own lenses, locked ones have none", () => {
  const locked = hunk("h3", range(6, 0, 6, 3), "", { state: "locked" });
  const found = lenses(session({ phase: "review", hunks: [...two, locked] }), 0);
  const hunks = found.flatMap((lens) => ("hunks" in lens.argument ? [lens.argument.hunks] : []));
  assert.deepEqual(hunks, [["h1"], ["h1"], ["h2"], ["h2"]]);
});

void test("earlier attempts and new problems are offered when there are some", () => {
  const review = session({ phase: "review", attempt: 2, hunks: [] });
  const wanted = ["Accept", "Revert", "Redirect…", "Attempts", "Redirect: fix these (3)"];
  assert.deepEqual(titles(review, 3), wanted);
});

void test("the status says what is so, and always what can be done", () => {
  const status: StatusAnswer = {
    sessions: [],
    profile: "fast",
    profiles: [{ name: "fast", model: "big", local: false }],
    prompts: {},
    model: { requested: "big", served: "small" },
    connection: "open",
    sentence: null,
    rateLimits: [{ name: "requests", limit: 60, remaining: 59, resetsAt: 1010 }],
    last: { tokens: 241, tokensPerSecond: 985.2, edits: 12, refused: 1, firstEdit: 90.4 },
  };
  const words = (rows: ReturnType<typeof statusRows>): string[] =>
    rows
      .filter((row) => row.command === undefined)
      .map((row) => `${row.label} | ${row.detail ?? ""}`);
  assert.deepEqual(words(statusRows("running", undefined, status, 1000_000)), [
    "Profile: fast | your code is sent to this model",
    "Model: small answers, asked for big | as the server says",
    "Connection: open | ",
    "Rate limit, requests: 59 of 60 left | full again in 10 seconds",
    "Last edit: 241 tokens, 985 tokens/s, 12 edits, 1 refused and resent | first change after 90 ms",
  ]);
  const down = statusRows("failed", "No Python.", undefined, 0);
  assert.deepEqual(words(down), ["The server isn't running. | No Python."]);
  assert.deepEqual(
    down.flatMap((row) => row.command ?? []),
    statusRows("running", undefined, status, 0).flatMap((row) => row.command ?? []),
  );
});

void test("offered imports are counted by themselves; one that was added is a change", () => {
  const offer = importOffer("h4", 0, "import json\n");
  assert.equal(changes(session({ hunks: [...two, offer] })), "2 changes, 1 import offered");
  const added = hunk("h5", range(0, 0, 1, 0), "", { kind: "import" });
  assert.equal(changes(session({ hunks: [...two, added] })), "3 changes");
});

void test("what an edit needs is accepted with it by the first button, and left out by the next", () => {
  const offers = [importOffer("h3", 0, "import json\n"), importOffer("h4", 2, "import re\n")];
  const review = (...imports: Hunk[]): SessionState =>
    session({ phase: "review", hunks: [...two.slice(0, 1), ...imports] });
  const shown = (found: Lens[]): unknown[] =>
    found.slice(0, 2).map((lens) => [lens.title, lens.command, lens.argument]);
  assert.deepEqual(shown(lenses(review(...offers), 0)), [
    ["$(check) Accept with 2 imports", "midstream.accept", { session: "s1", imports: true }],
    ["$(check) Accept", "midstream.accept", { session: "s1", imports: false }],
  ]);
  assert.equal(titles(review(...offers.slice(1)))[0], "Accept with 1 import");
  const added = lenses(review(...offers), 0, true);
  assert.deepEqual(shown(added)[0], [
    "$(check) Accept with 2 imports",
    "midstream.accept",
    { session: "s1" },
  ]);
  assert.match(added[1]?.title ?? "", /Revert$/, "where the setting adds them, one button does");
  assert.deepEqual(titles(session({ hunks: offers }))[1], "Accept", "not while it still streams");
});

void test("each import has its own lenses, with its name where several go to one place", () => {
  const offers = [importOffer("h3", 0, "import json\n"), importOffer("h4", 2, "import re\n")];
  const of = (...imports: Hunk[]): unknown[] =>
    lenses(session({ phase: "review", hunks: [...two.slice(0, 1), ...imports] }), 0)
      .filter((lens) => "hunks" in lens.argument)
      .map((lens) => [lens.range.start.line, lens.title, lens.command, lens.argument]);
  const [json, re] = [
    { session: "s1", hunks: ["h3"] },
    { session: "s1", hunks: ["h4"] },
  ];
  assert.deepEqual(of(...offers), [
    [0, "$(add) Add import", "midstream.accept", json],
    [0, "Dismiss import", "midstream.revert", json],
    [2, "$(add) Add import", "midstream.accept", re],
    [2, "Dismiss import", "midstream.revert", re],
  ]);
  const joins = hunk("h4", range(0, 8, 0, 8), "", {
    state: "offered",
    kind: "import",
    offer: ", loads",
  });
  assert.deepEqual(
    of(...offers.slice(0, 1), joins).map((lens) => (lens as string[])[1]),
    ["$(add) Add import json", "Dismiss import json", "$(add) Add loads", "Dismiss loads"],
  );
});

void test("an import of several lines has lenses of one line, and not too long a one", () => {
  const names = Array.from({ length: 20 }, (_, i) => `    name${String(i)},\n`).join("");
  const offers = [
    importOffer("h3", 0, "import json\n"),
    importOffer("h4", 0, `from shop import (\n${names})\n`),
  ];
  const found = lenses(session({ phase: "review", hunks: offers }), 0);
  const title = found.findLast((lens) => lens.title.startsWith("$(add)"))?.title ?? "";
  assert.match(title, /^\$\(add\) Add from shop import \( name0, [^\n]*…$/);
  assert.ok(title.length < 70);
});

void test("an edit of which only imports are left to offer has nothing to compare", () => {
  const review = session({ phase: "review", hunks: [importOffer("h3", 0, "import json\n")] });
  assert.ok(!titles(review).includes("Diff"));
});

void test("the status lists what the latest edit has sent, and each piece can be opened", () => {
  const piece = {
    uri: "file:///shop/money.py",
    range: range(9, 0, 24, 0),
    why: "open",
    tokens: 240,
  };
  const status: StatusAnswer = {
    sessions: [],
    profile: "fast",
    profiles: [],
    prompts: {},
    model: { requested: "big", served: null },
    connection: "open",
    sentence: null,
    rateLimits: [],
    last: null,
    context: [piece, { uri: 3 }],
  };
  const pathOf = (uri: string): string => uri.replace("file:///", "");
  const sent = statusRows("running", undefined, status, 0, pathOf).filter((row) => row.piece);
  assert.deepEqual(sent, [
    {
      icon: "file-code",
      label: "Sent: shop/money.py:10-24",
      detail: "open in the editor, 240 tokens",
      piece,
    },
  ]);
  const { context: _context, ...older } = status;
  assert.ok(statusRows("running", undefined, older, 0, pathOf).every((row) => !row.piece));
});
