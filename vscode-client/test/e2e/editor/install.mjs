// Puts up a real VS Code for the tests (code-server) in build/vscode/editor, from the packages that
// package-lock.json names. Does nothing when it is there already. Prints the folder.
//
// code-server's own install script compiles native modules and downloads; none of that is needed
// here. argon2 hashes passwords, the tests' server has none: a stand-in that refuses takes its place.
// ripgrep, which finds files, comes in packages of its own.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "..", "..", "..", "..", "build", "vscode", "editor");
const stamp = join(folder, ".ready");
const NPM = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
const NO_PASSWORDS =
  'const no = async () => { throw new Error("no passwords here"); };\n' +
  "module.exports = { hash: no, verify: no, needsRehash: () => false };\n";

export const entry = join(folder, "node_modules", "code-server", "out", "node", "entry.js");

export function install() {
  const wanted = createHash("sha256");
  for (const name of ["package-lock.json", "install.mjs"])
    wanted.update(readFileSync(join(here, name)));
  const digest = wanted.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return folder;

  console.error("Installing a VS Code for the tests (code-server) …");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(join(here, name), join(folder, name));
  npm(["ci", ...NPM], folder);

  const argon2 = join(folder, "node_modules", "argon2");
  const main = JSON.parse(readFileSync(join(argon2, "package.json"), "utf8")).main;
  writeFileSync(join(argon2, main), NO_PASSWORDS);

  const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");
  npm(["install", ...NPM, "--omit=dev", "--no-save"], vscode);
  symlinkSync("node_modules", join(vscode, "node_modules.asar"));
  linkSearch(vscode);
  writeFileSync(stamp, digest);
  return folder;
}

/** VS Code's file search is ripgrep, which the script of its package would download. */
function linkSearch(vscode) {
  const own = `ripgrep-${process.platform}-${process.arch}`;
  const program = join(folder, "node_modules", "@vscode", own, "bin", "rg");
  const bin = join(vscode, "node_modules", "@vscode", "ripgrep", "bin");
  if (!existsSync(program)) return;
  mkdirSync(bin, { recursive: true });
  symlinkSync(program, join(bin, "rg"));
}

function npm(words, cwd) {
  // Its output is worth reading only when it fails.
  try {
    execFileSync("npm", words, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`npm ${words.join(" ")} failed:\n${error.stdout}\n${error.stderr}`, {
      cause: error,
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(install());
