// Runs the tests in real VS Code: `node test/e2e/run.mjs [PATTERN]`. Needs the packed extension (`make
// vsix`), Chromium on the PATH and, for the scripted model, a Python environment with Midstream, named
// by MIDSTREAM_PYTHON.
//
// All test files become one program (suite.ts imports them), so that VS Code is started once. With
// `--benchmark` it is benchmark.ts instead, which is no test.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { install } from "./editor/install.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const client = join(here, "..", "..");
const benchmark = process.argv[2] === "--benchmark";
const program = join(client, "out", "e2e", benchmark ? "benchmark.cjs" : "suite.cjs");

install();
await build({
  entryPoints: [join(here, benchmark ? "benchmark.ts" : "suite.ts")],
  outfile: program,
  bundle: true,
  platform: "node",
  target: "node20",
  external: ["playwright-core"],
  sourcemap: "inline",
  logLevel: "warning",
});
const words = ["--enable-source-maps"];
if (!benchmark) words.push("--test", "--test-reporter=spec");
if (!benchmark && process.argv[2]) words.push(`--test-name-pattern=${process.argv[2]}`);
const done = spawnSync(process.execPath, [...words, program], {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, MIDSTREAM_ROOT: join(client, "..") },
});
process.exit(done.status ?? 1);
