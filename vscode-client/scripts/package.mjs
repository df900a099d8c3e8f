// Packs the extension with the Python server into build/vscode/midstream.vsix and says how large it
// is. `make vsix` runs it after bundle.py has filled bundled/.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const client = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(client, "..", "build", "vscode");
const vsix = join(folder, "midstream.vsix");
// The compiled packages are those of this machine's platform.
const target = `${process.platform}-${process.arch}`;

const manifest = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
const license = join(client, "LICENSE");
copyFileSync(join(client, "..", "LICENSE"), license);
mkdirSync(folder, { recursive: true });
execFileSync(process.execPath, [join(client, "scripts", "build.mjs"), "--production"], {
  cwd: client,
  stdio: "inherit",
});
try {
  const words = [
    "package",
    "--no-dependencies",
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "--target",
    target,
    // The search for secrets takes minutes over the seven thousand files of the bundled packages, which
    // are published ones; nothing of our own is in the file that is not in the repository.
    "--allow-package-all-secrets",
    "--allow-package-env-file",
    "--out",
    vsix,
  ];
  execFileSync(join(client, "node_modules", ".bin", "vsce"), words, {
    cwd: client,
    stdio: ["ignore", "pipe", "pipe"],
  });
} catch (error) {
  console.error(`${error.stdout}\n${error.stderr}`);
  process.exitCode = 1;
} finally {
  rmSync(license);
}
if (process.exitCode) process.exit();
const size = (path) =>
  (statSync(path).size / 1000).toLocaleString("en", { maximumFractionDigits: 0 });
console.log(
  `build/vscode/midstream.vsix, for ${target}: ${size(vsix)} kB; the extension without the server: ${size(join(client, manifest.main))} kB.`,
);
