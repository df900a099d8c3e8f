/** Which problems of a scope are new: the edit has brought them, so it may be steered to mend them. */

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

/** The instruction that asks the model to mend them. */
export function instruction(problems: readonly Problem[]): string {
  const messages = [...new Set(problems.map((problem) => problem.message.trim()))];
  const [only] = messages;
  if (messages.length === 1) return `Fix: ${only ?? ""}`;
  return `Fix these problems:\n${messages.map((message) => `- ${message}`).join("\n")}`;
}

function within(problems: readonly Problem[], scope: Range): Problem[] {
  return problems.filter((problem) => touches(problem.range, scope));
}
