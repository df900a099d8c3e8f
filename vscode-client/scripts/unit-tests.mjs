// Runs test/unit/**/*.test.ts with node's own test runner, bundled first: no loader is needed.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import esbuild from "esbuild";

const folder = "test/unit";
const outdir = "out/unit";
rmSync(outdir, { recursive: true, force: true });
const names = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
await esbuild.build({
  entryPoints: names.map((name) => `${folder}/${name}`),
  outdir,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
const files = names.map((name) => `${outdir}/${name.replace(/\.ts$/, ".cjs")}`);
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], {
  stdio: "inherit",
});
process.exit(run.status ?? 1);
