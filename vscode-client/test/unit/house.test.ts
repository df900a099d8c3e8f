/** Laws of the source itself. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

function imports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return Array.from(text.matchAll(/\bfrom "([^"]+)"/g), (found) => found[1] ?? "");
}

void test("the core knows nothing but itself: no VS Code, no node, no package", () => {
  for (const name of readdirSync("src/core")) {
    for (const from of imports(`src/core/${name}`)) assert.match(from, /^\.\//, `core/${name}`);
  }
});

void test("only the one client talks to the language client", () => {
  const users = readdirSync("src")
    .filter((name) => name.endsWith(".ts"))
    .filter((name) =>
      imports(`src/${name}`).some((from) => from.startsWith("vscode-languageclient")),
    );
  // The other one names the types of an edit.
  assert.deepEqual(users.sort(), ["applyEdits.ts", "client.ts"]);
});

void test("only what finds programs by their whole paths starts any", () => {
  const users = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .filter((name) => imports(`src/${name}`).some((from) => /child_process/.test(from)));
  // The doctor runs the command by which the server was started.
  assert.deepEqual(users.sort(), ["doctor.ts", "python.ts"]);
});

void test("the lockfile and the manifest name no address of a registry", () => {
  for (const file of ["package.json", "package-lock.json"]) {
    const text = readFileSync(file, "utf8");
    assert.doesNotMatch(text, /"resolved"|registry\./, file);
  }
});
