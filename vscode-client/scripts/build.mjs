// Bundles the extension into dist/extension.js. `--production`: minified, without a source map.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import esbuild from "esbuild";

/** Bytes: what is larger takes too long to load. */
const LIMIT = 500_000;

/** A helper that TypeScript's compiler writes anew into each of a package's files. */
const HELPER = /^var (__\w+) = \(this && this\.\1\) \|\| [^]*?^\}\)*(?:\(\))?;$/gm;

/** Takes each such helper in once instead of forty times: a twentieth of the bundle. */
const helpersOnce = {
  name: "helpers-once",
  setup({ onLoad, onResolve }) {
    const known = new Map();
    const needed = (name) => `var ${name} = require("helper:${name}");`;
    onLoad({ filter: /node_modules.+\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8").replace(HELPER, (text, name) => {
        if (!known.has(name)) known.set(name, text);
        return known.get(name) === text ? needed(name) : text;
      });
      return { contents, loader: "js" };
    });
    onResolve({ filter: /^helper:/ }, ({ path }) => ({ path, namespace: "helper" }));
    onLoad({ filter: /.*/, namespace: "helper" }, ({ path }) => {
      const own = path.replace("helper:", "");
      const text = known.get(own);
      const others = new Set(text.match(/\b__\w+/g).filter((n) => n !== own && known.has(n)));
      const contents = [...[...others].map(needed), text, `module.exports = ${own};`].join("\n");
      return { contents, loader: "js" };
    });
  },
};

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
  plugins: [helpersOnce],
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
