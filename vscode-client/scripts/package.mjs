// Packs the extension with the Python server into build/vscode/midstream.vsix and says how large it
// is. `make vsix` runs it after bundle.py has filled bundled/.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { npmNotices } from "./notices.mjs";
import { ownFiles, secretsIn } from "./secrets.mjs";

const client = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(client, "..", "build", "vscode");
const vsix = join(folder, "midstream.vsix");
// The compiled packages are those of this machine's platform.
const target = `${process.platform}-${process.arch}`;

const manifest = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
const license = join(client, "LICENSE");
const notices = join(client, "THIRD-PARTY-NOTICES.txt");
copyFileSync(join(client, "..", "LICENSE"), license);
mkdirSync(folder, { recursive: true });
execFileSync(process.execPath, [join(client, "scripts", "build.mjs"), "--production"], {
  cwd: client,
  stdio: "inherit",
});
try {
  const inputs = JSON.parse(readFileSync(join(client, "dist", "inputs.json"), "utf8"));
  const python = readFileSync(join(folder, "python-notices.txt"), "utf8");
  writeFileSync(
    notices,
    `What this extension brings along, and its licences.\n\n${npmNotices(client, inputs)}\n${python}`,
  );
  const secrets = await secretsIn(ownFiles(client));
  if (secrets.length > 0) throw new Error(`There are secrets in our files:\n${secrets.join("\n")}`);
  const words = [
    "package",
    "--no-dependencies",
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "--target",
    target,
    // The packer would search the thousands of files of the bundled packages too, for minutes; these
    // are published, and their hashes are locked. Our own have been searched above, by its rules.
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
  console.error(error.stderr ? `${error.stdout}\n${error.stderr}` : error.message);
  process.exitCode = 1;
} finally {
  rmSync(license);
  rmSync(notices, { force: true });
}
if (process.exitCode) process.exit();
const size = (path) =>
  (statSync(path).size / 1000).toLocaleString("en", { maximumFractionDigits: 0 });
console.log(
  `build/vscode/midstream.vsix, for ${target}: ${size(vsix)} kB; the extension without the server: ${size(join(client, manifest.main))} kB.`,
);
