/**
 * Makes what is drawn readable. A change is exact to a character, and what is held to the character
 * too, but people read words and lines.
 */

import type { Held, Hunk } from "./protocol.js";

const WORD = /[\p{L}\p{N}_$]/u;

/** Characters by which a change is drawn wider than it is, on either side; names are shorter. */
const WIDER = 40;

/** Changes within one line that are drawn as one, and the columns between which that is. */
interface Piece {
  readonly hunks: readonly [Hunk, ...Hunk[]];
  readonly from: number;
  readonly to: number;
}

/**
 * The hunks with whole words in them: one that renames `tmp` to `total` is told as "mp" that became
 * "otal". Changes in one word become one. Those of several lines are whole already.
 */
export function wholeWords(hunks: readonly Hunk[], textOf: (line: number) => string): Hunk[] {
  const found: (Hunk | Piece)[] = [];
  for (const hunk of hunks) {
    const piece = inWords(hunk, textOf(hunk.range.start.line));
    const last = found.at(-1);
    if (piece && last && "hunks" in last && meet(last, piece)) {
      const to = Math.max(last.to, piece.to);
      found[found.length - 1] = { hunks: [...last.hunks, hunk], from: last.from, to };
    } else found.push(piece ?? hunk);
  }
  return found.map((one) => ("hunks" in one ? drawn(one, textOf) : one));
}

function inWords(hunk: Hunk, text: string): Piece | undefined {
  const { start, end } = hunk.range;
  if (start.line !== end.line || /[\r\n]/.test(hunk.before)) return undefined;
  const isWord = (character: string | undefined): boolean =>
    character !== undefined && WORD.test(character);
  const now = text.slice(start.character, end.character);
  let [from, to] = [start.character, end.character];
  if (isWord(now[0]) || isWord(hunk.before[0])) {
    while (start.character - from < WIDER && isWord(text[from - 1])) from -= 1;
  }
  if (isWord(now.at(-1)) || isWord(hunk.before.at(-1))) {
    while (to - end.character < WIDER && isWord(text[to])) to += 1;
  }
  return { hunks: [hunk], from, to };
}

/** Whether the second one begins where the first one has not ended. */
function meet(first: Piece, second: Piece): boolean {
  const [before, after] = [first.hunks[0].range, second.hunks[0].range];
  return before.start.line === after.start.line && second.from <= first.to;
}

function drawn({ hunks, from, to }: Piece, textOf: (line: number) => string): Hunk {
  const [first] = hunks;
  const { line } = first.range.start;
  const text = textOf(line);
  let [before, at] = ["", from];
  for (const { range, before: own } of hunks) {
    before += text.slice(at, range.start.character) + own;
    at = range.end.character;
  }
  before += text.slice(at, to);
  const range = { start: { line, character: from }, end: { line, character: to } };
  return { ...first, range, before };
}

/**
 * The lines of held text that the document does not show. It comes by another way than the text, so
 * what it speaks of may be there already: before its place, or behind it.
 */
export function unseen(held: Held, textOf: (line: number) => string): string[] {
  const lines = held.text.split(/\r\n|\r|\n/);
  const { line, character } = held.position;
  const [first = "", ...rest] = lines;
  const here = textOf(line);
  const there = here.slice(0, character).endsWith(first) || here.slice(character) === first;
  if (!there) return lines;
  const same = rest.findIndex((text, i) => text !== textOf(line + 1 + i));
  return same < 0 ? [] : rest.slice(same);
}
