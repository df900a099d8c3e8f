/**
 * What is drawn over a document for one session. Nothing of it is ever in the document.
 *
 * Virtual text has no line of its own in VS Code: what the model took away stands behind the lines
 * that replaced it, line by line.
 */

import { compare } from "./positions.js";
import type { Held, Hunk, Position, Range, SessionState } from "./protocol.js";

/** Characters of virtual text on one line; more would push the code out of sight. */
const WIDTH = 100;

export interface Virtual {
  readonly position: Position;
  readonly text: string;
}

export interface Drawing {
  readonly scope: Range;
  /** Text of the model that is in the document. */
  readonly inserted: readonly Range[];
  /** Text that it took away, inside of a line. */
  readonly struck: readonly Virtual[];
  /** Lines that it took away, behind the lines that stand there now. */
  readonly gone: readonly Virtual[];
  /** Text that has come and may not be shown yet. */
  readonly held: readonly Virtual[];
}

/** The drawing of a session; `lengthOf` is the length of a line in UTF-16 units. */
export function draw(state: SessionState, lengthOf: (line: number) => number): Drawing {
  const open = state.hunks.filter((hunk) => hunk.state === "open");
  const shown = open.filter((hunk) => compare(hunk.range.start, hunk.range.end) < 0);
  const taken = open.filter((hunk) => hunk.before !== "");
  const inLine = taken.filter((hunk) => !/[\r\n]/.test(hunk.before));
  return {
    scope: state.scope.range,
    inserted: shown.map((hunk) => hunk.range),
    struck: inLine
      .filter((hunk) => hunk.before.trim() !== "")
      .map((hunk) => ({ position: hunk.range.start, text: short(hunk.before) })),
    gone: taken.filter((hunk) => !inLine.includes(hunk)).flatMap((hunk) => behind(hunk, lengthOf)),
    held: state.held ? heldText(state.held, lengthOf) : [],
  };
}

function behind(hunk: Hunk, lengthOf: (line: number) => number): Virtual[] {
  const lines = hunk.before
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const { start, end } = hunk.range;
  // A range that ends before the first character of a line does not reach that line.
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  const places = last - start.line + 1;
  const found: Virtual[] = [];
  for (let i = 0; i < Math.min(places, lines.length); i++) {
    const rest = i === places - 1 ? lines.slice(i).join(" ⏎ ") : (lines[i] ?? "");
    const line = start.line + i;
    found.push({ position: { line, character: lengthOf(line) }, text: short(rest) });
  }
  return found;
}

/** Behind the line, where it moves no code that the user reads. */
function heldText(held: Held, lengthOf: (line: number) => number): Virtual[] {
  const lines = held.text.split(/\r\n|\r|\n/);
  const first = lines.find((line) => line.trim() !== "");
  if (first === undefined) return [];
  const more = lines.length - lines.indexOf(first) - 1;
  const text = more > 0 ? `${short(first)}  ⏎ +${String(more)}` : short(first);
  const { line } = held.position;
  return [{ position: { line, character: lengthOf(line) }, text }];
}

function short(text: string): string {
  const plain = text.replace(/[\r\n]+/g, " ⏎ ");
  return plain.length <= WIDTH ? plain : `${plain.slice(0, WIDTH - 1)}…`;
}
