// The npm packages of which something is in dist/extension.js, with their licences and texts.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const TEXT = /^(licen[cs]e|copying|notice|thirdpartynotices)([.-].*)?$/i;

/** The list and the texts. Throws for a package that names no licence or has no text of it. */
export function npmNotices(client, inputs) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const found = input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/);
    if (found) folders.add(found[0]);
  }
  const packages = [...folders].sort().map((folder) => {
    const home = join(client, folder);
    const told = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    const texts = readdirSync(home).filter((name) => TEXT.test(name));
    if (typeof told.license !== "string" || told.license === "" || told.license === "UNLICENSED")
      throw new Error(`${told.name} does not say what its licence is; it cannot be bundled.`);
    if (texts.length === 0)
      throw new Error(`${told.name} holds no text of its licence; it cannot be bundled.`);
    const read = texts.map((name) => readFileSync(join(home, name), "utf8").trim());
    return { told, text: read.join("\n\n") };
  });
  const line = "-".repeat(80);
  return [
    "Packages in dist/extension.js",
    "",
    ...packages.map(({ told }) => `- ${told.name} ${told.version}: ${told.license}`),
    ...packages.flatMap(({ told, text }) => ["", line, `${told.name} ${told.version}`, "", text]),
    "",
  ].join("\n");
}
