/** Which problems of a scope are new: the edit has brought them, so it can be redirected to fix them. */

import { touches } from "./positions.js";
import type { Range } from "./protocol.js";

export interface Problem {
  readonly range: Range;
  readonly message: string;
}

/** What was wrong before: how often each message stood in the scope. */
export type Known = ReadonlyMap<string, number>;

export function known(problems: readonly Problem[], scope: Range): Known {
  const counts = new Map<string, number>();
  for (const { message } of within(problems, scope)) {
    counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  return counts;
}

/** Those in the scope that were not there before. Lines move, so the message is what counts. */
export function fresh(problems: readonly Problem[], scope: Range, before: Known): Problem[] {
  const left = new Map(before);
  return within(problems, scope).filter(({ message }) => {
    const count = left.get(message) ?? 0;
    left.set(message, count - 1);
    return count <= 0;
  });
}

/** Characters of a line of code that are quoted. */
const QUOTED = 60;

/**
 * The instruction that asks the model to fix them: which line it is, its text, and what is
 * wrong with it. `textOf` gives the text of a line, counted from 0.
 */
export function instruction(
  problems: readonly Problem[],
  textOf: (line: number) => string,
): string {
  const lines = new Map<string, number[]>();
  for (const { message, range } of problems) {
    const words = message.trim();
    lines.set(words, [...(lines.get(words) ?? []), range.start.line]);
  }
  const found = [...lines].map(([words, at]) => `${place([...new Set(at)], textOf)}: ${words}`);
  const [only] = found;
  if (found.length === 1) return `Fix ${only ?? ""}`;
  return `Fix these problems:\n${found.map((one) => `- ${one}`).join("\n")}`;
}

/** "line 7 (return total)", "lines 7 and 9". */
function place(lines: readonly number[], textOf: (line: number) => string): string {
  const numbers = lines.map((line) => String(line + 1));
  const last = numbers.at(-1) ?? "";
  if (numbers.length > 1) return `lines ${numbers.slice(0, -1).join(", ")} and ${last}`;
  const text = textOf(lines[0] ?? 0).trim();
  const quoted = text.length > QUOTED ? `${text.slice(0, QUOTED - 1)}…` : text;
  return quoted === "" ? `line ${last}` : `line ${last} (${quoted})`;
}

function within(problems: readonly Problem[], scope: Range): Problem[] {
  return problems.filter((problem) => touches(problem.range, scope));
}
