// What goes into the .vsix: no secret of ours, and nothing whose licence is not known.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

/** What `expression` of one of our scripts prints, as JSON. */
function ran(script: string, names: string, expression: string): unknown {
  const code = `import { ${names} } from "./scripts/${script}";
    console.log(JSON.stringify(await (${expression})));`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", code]).toString());
}

test("a secret in a file of ours is found, by its place and without its words", () => {
  const secret = ["ghp", "0123456789abcdefghijABCDEFGHIJklmnop"].join("_");
  const file = join(mkdtempSync(join(tmpdir(), "midstream-")), "settings.py");
  writeFileSync(file, `# one\ntoken = "${secret}"\n`);
  const found = ran("secrets.mjs", "secretsIn", `secretsIn([${JSON.stringify(file)}])`) as string[];
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /settings\.py:2: .*github/);
  assert.ok(!found.join().includes(secret));
});

test("our own files hold none, and are all looked at", () => {
  const own = `ownFiles(process.cwd()).filter((file) => file.includes("media"))`;
  const files = ran("secrets.mjs", "ownFiles", `Promise.resolve(${own})`) as string[];
  assert.ok(files.some((file) => file.endsWith("redirect.md")));
  assert.deepEqual(ran("secrets.mjs", "secretsIn", `secretsIn(${JSON.stringify(files)})`), []);
});

test("a package without a licence, or without its text, ends the packing", () => {
  const client = mkdtempSync(join(tmpdir(), "midstream-"));
  const home = join(client, "node_modules", "@some", "thing");
  mkdirSync(home, { recursive: true });
  const inputs = JSON.stringify({
    "node_modules/@some/thing/index.js": {},
    "src/extension.ts": {},
  });
  const outcome = () =>
    ran(
      "notices.mjs",
      "npmNotices",
      `(async () => { try { return npmNotices(${JSON.stringify(client)}, ${inputs}) }
        catch (error) { return error.message } })()`,
    ) as string;
  const told = { name: "@some/thing", version: "1.2.3" };
  writeFileSync(join(home, "package.json"), JSON.stringify(told));
  assert.match(outcome(), /@some\/thing does not say what its licence is/);
  writeFileSync(join(home, "package.json"), JSON.stringify({ ...told, license: "ISC" }));
  assert.match(outcome(), /@some\/thing holds no text of its licence/);
  writeFileSync(join(home, "LICENSE.md"), "Do as you like.");
  assert.match(outcome(), /- @some\/thing 1\.2\.3: ISC\n[^]*Do as you like\./);
});
