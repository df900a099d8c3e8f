/** The text of a document as it would be without the model's changes of one session. */

import { inText } from "./hunks.js";
import { compare, covers, lastFirst } from "./positions.js";
import type { Hunk, Position, Range } from "./protocol.js";

/** Takes the hunks out of `text`. Withheld and offered ones are not in it. */
export function withoutHunks(text: string, hunks: readonly Hunk[]): string {
  const starts = lineStarts(text);
  const offset = ({ line, character }: Position): number =>
    Math.min((starts[line] ?? text.length) + character, text.length);
  const back = hunks.filter(inText).map((hunk) => ({ range: hunk.range, text: hunk.before }));
  let found = text;
  for (const { range, text: before } of lastFirst(back)) {
    found = found.slice(0, offset(range.start)) + before + found.slice(offset(range.end));
  }
  return found;
}

/** The hunk to go to from a place: the next one behind it or before it, around the ends. */
export function neighbour(hunks: readonly Hunk[], place: Position, by: 1 | -1): Range | undefined {
  const ranges = hunks.map((hunk) => hunk.range).sort((a, b) => compare(a.start, b.start));
  const next =
    by === 1
      ? ranges.find((range) => compare(range.start, place) > 0)
      : ranges.findLast((range) => compare(range.start, place) < 0);
  return next ?? (by === 1 ? ranges[0] : ranges.at(-1));
}

/** The hunk that a key means: the one at the place, else the nearest one that reaches its line. */
export function hunkAt(hunks: readonly Hunk[], place: Position): Hunk | undefined {
  const point = { start: place, end: place };
  const inLine = hunks.filter(
    ({ range }) => range.start.line <= place.line && place.line <= range.end.line,
  );
  const far = ({ range }: Hunk): number =>
    compare(place, range.start) < 0
      ? range.start.character - place.character
      : place.character - range.end.character;
  return (
    inLine.find((hunk) => covers(hunk.range, point)) ?? inLine.sort((a, b) => far(a) - far(b))[0]
  );
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const end of text.matchAll(/\r\n|\r|\n/g)) starts.push(end.index + end[0].length);
  return starts;
}
