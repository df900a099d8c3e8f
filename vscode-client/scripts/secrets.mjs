// Looks for secrets in our own files of the package, with the packer's rules. The packages that are
// bundled are published files whose hashes are locked; the packer would search those for minutes.

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { lintFiles } = createRequire(import.meta.url)("@vscode/vsce/out/secretLint.js");
const PICTURES = /\.(jpe?g|png|gif|svg|pyc)$/i;

/** Paths of our own files that are packed. */
export function ownFiles(client) {
  const folders = ["media", join("bundled", "libs", "lsp_server")];
  const files = ["package.json", "README.md", "CHANGELOG.md", "LICENSE", "dist/extension.js"];
  for (const folder of folders) {
    for (const entry of readdirSync(join(client, folder), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (entry.isFile() && !PICTURES.test(entry.name))
        files.push(join(entry.parentPath ?? entry.path, entry.name).slice(client.length + 1));
    }
  }
  return files.map((file) => join(client, file));
}

/** One line for each secret, with its file and rule and without the secret itself. */
export async function secretsIn(files) {
  const { ok, results } = await lintFiles(files, true, true);
  if (ok) return [];
  return results.map((result) => {
    const place = result.locations?.[0]?.physicalLocation;
    const file = place?.artifactLocation?.uri ?? "a file";
    return `${file}:${place?.region?.startLine ?? "?"}: ${result.ruleId}`;
  });
}
