/**
 * Positions and ranges carried across changes of the text they belong to.
 *
 * VS Code does this for its own decorations only; what the server has told us about a session is
 * carried here, so that lenses and keys stay right while the user types in review.
 */

import type { Position, Range } from "./protocol.js";

/** One change of a text, as VS Code and the LSP tell it: this range became this text. */
export interface Change {
  readonly range: Range;
  readonly text: string;
}

/** Where a position goes that stands exactly where something is inserted. */
export type Lean = "before" | "after";

export function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

export function same(a: Range, b: Range): boolean {
  return compare(a.start, b.start) === 0 && compare(a.end, b.end) === 0;
}

/** Whether the two have at least a place in common; touching counts. */
export function touches(a: Range, b: Range): boolean {
  return compare(a.start, b.end) <= 0 && compare(b.start, a.end) <= 0;
}

/** Whether the two have text in common. */
export function overlaps(a: Range, b: Range): boolean {
  return compare(a.start, b.end) < 0 && compare(b.start, a.end) < 0;
}

/** Whether `inner` lies in `outer`; the edges count. */
export function covers(outer: Range, inner: Range): boolean {
  return compare(outer.start, inner.start) <= 0 && compare(inner.end, outer.end) <= 0;
}

/**
 * Whether a change leaves a range where it is: it moves no line, and touches none of the range's.
 * `whole`: only the lines count that the range reaches, so what happens inside of one is no matter.
 */
export function leaves(change: Change, range: Range, whole = false): boolean {
  const { start, end } = change.range;
  if (start.line > range.end.line) return true;
  const still = start.line === end.line && !/[\r\n]/.test(change.text);
  return still && (whole || end.line < range.start.line);
}

/** The end of `text` when it is put at `start`. A line ends at `\n`, `\r\n` or `\r`. */
export function endOf(start: Position, text: string): Position {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines[lines.length - 1] ?? "";
  return lines.length === 1
    ? { line: start.line, character: start.character + last.length }
    : { line: start.line + lines.length - 1, character: last.length };
}

/** A position after one change. What was inside of the replaced range goes to its edge. */
export function carry(position: Position, change: Change, lean: Lean): Position {
  const { start, end } = change.range;
  const before = compare(position, start);
  if (before < 0 || (before === 0 && lean === "before")) return position;
  if (compare(position, end) < 0) return lean === "before" ? start : endOf(start, change.text);
  const now = endOf(start, change.text);
  return position.line === end.line
    ? { line: now.line, character: now.character + position.character - end.character }
    : { line: position.line + now.line - end.line, character: position.character };
}

/**
 * A range after changes that VS Code reports as one event: they all speak of the text before it.
 *
 * `grow`: what is inserted at an edge belongs to the range.
 */
export function carryRange(range: Range, changes: readonly Change[], grow: boolean): Range {
  const [first, second]: [Lean, Lean] = grow ? ["before", "after"] : ["after", "before"];
  let { start, end } = range;
  for (const change of lastFirst(changes)) {
    start = carry(start, change, first);
    end = carry(end, change, second);
  }
  // An empty range at an insertion would be turned inside out when it must not grow.
  return compare(start, end) <= 0 ? { start, end } : { start: end, end };
}

/** From the last to the first: so none moves the place of another. */
export function lastFirst<T extends Change>(changes: readonly T[]): T[] {
  return [...changes].sort((a, b) => compare(b.range.start, a.range.start));
}
