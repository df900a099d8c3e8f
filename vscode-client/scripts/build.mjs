// Bundles the extension into dist/extension.js. `--production`: minified, without a source map.
import { statSync } from "node:fs";
import esbuild from "esbuild";

/** Bytes: what is larger takes too long to load. */
const LIMIT = 500_000;

const production = process.argv.includes("--production");
const options = {
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: production,
  sourcemap: !production,
  logLevel: "warning",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
  const size = statSync(options.outfile).size;
  if (production && size > LIMIT) {
    console.error(`${options.outfile} has ${size} bytes; no more than ${LIMIT} are allowed.`);
    process.exit(1);
  }
}
