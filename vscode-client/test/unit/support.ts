/** What the unit tests share: short ways to write ranges, sessions and texts. */

import type { Change } from "../../src/core/positions.js";
import type { Hunk, Range, SessionState } from "../../src/core/protocol.js";

/** A range by line and character, half-open. */
export function range(line: number, character: number, toLine: number, to: number): Range {
  return { start: { line, character }, end: { line: toLine, character: to } };
}

export function hunk(id: string, where: Range, before = "", more: Partial<Hunk> = {}): Hunk {
  return { id, range: where, before, state: "open", ...more };
}

export function session(more: Partial<SessionState> = {}): SessionState {
  return {
    session: "s1",
    uri: "file:///a.py",
    version: 1,
    attempt: 1,
    instruction: "add type hints",
    phase: "streaming",
    scope: { range: range(0, 0, 10, 0), kind: "function_definition", language: "python" },
    hunks: [],
    model: { requested: "practice", served: null },
    tokens: 0,
    tokensPerSecond: null,
    ...more,
  };
}

/** A text of lines that end with `\n`, and changes applied to it. */
export function apply(text: string, changes: readonly Change[]): string {
  const starts = [0];
  for (const end of text.matchAll(/\n/g)) starts.push(end.index + 1);
  const offset = ({ line, character }: { line: number; character: number }): number =>
    (starts[line] ?? text.length) + character;
  return [...changes]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (t, { range: r, text: put }) => t.slice(0, offset(r.start)) + put + t.slice(offset(r.end)),
      text,
    );
}

/** Numbers that look random and are the same in every run. */
export function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A position of a character of `text`, by its offset. */
export function at(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, character: (before.at(-1) ?? "").length };
}

/** An import that the edit offers: a whole line that would come before the line `line`. */
export function importOffer(id: string, line: number, offer: string): Hunk {
  return hunk(id, range(line, 0, line, 0), "", { state: "offered", kind: "import", offer });
}
