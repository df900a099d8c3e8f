/** What a hunk is to the user: text in the document, something to decide, an import that is offered. */

import type { Hunk } from "./protocol.js";

/** Whether the model's text of a hunk is in the document. */
export function inText(hunk: Hunk): boolean {
  return hunk.state === "open" || hunk.state === "locked";
}

/** Whether the user has still to decide about a hunk. */
export function undecided(hunk: Hunk): boolean {
  return hunk.state !== "locked";
}

/** The imports that an accept can add. */
export function offeredImports(hunks: readonly Hunk[]): Hunk[] {
  return hunks.filter((hunk) => hunk.kind === "import" && hunk.state === "offered");
}

/** The text of an offer in one line, without what joins it to the text around: ", loads" is "loads". */
export function offered(hunk: Hunk): string {
  const line = (hunk.offer ?? "").trim().replace(/\s*[\r\n]+\s*/g, " ");
  return line.replace(/^,\s*|\s*,$/g, "");
}
