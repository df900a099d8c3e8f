// Bundles the extension into dist/extension.js. `--production`: minified, without a source map.
import { statSync, writeFileSync } from "node:fs";
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
  metafile: true,
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  const { metafile } = await esbuild.build(options);
  // What has gone in, for the list of licences.
  writeFileSync("dist/inputs.json", JSON.stringify(metafile.inputs));
  const size = statSync(options.outfile).size;
  if (production && size > LIMIT) {
    console.error(`${options.outfile} has ${size} bytes; no more than ${LIMIT} are allowed.`);
    process.exit(1);
  }
}
