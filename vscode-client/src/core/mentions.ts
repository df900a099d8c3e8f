/**
 * Mentions of files and symbols in an instruction: `#path/to/file.py`, `#file.py:10-40`, `#Symbol`.
 * Finds the one that is being typed, and puts what could be meant in order.
 */

import type { Range } from "./protocol.js";

/** A mention that is being typed at the end of an instruction. */
export interface Typing {
  /** Where its `#` is. */
  readonly start: number;
  /** What is typed of it so far, without the `#`. */
  readonly query: string;
}

/** Something that can be mentioned. */
export interface Candidate {
  /** What stands behind the `#`. */
  readonly text: string;
  readonly kind: "selection" | "file" | "symbol";
  /** Of what is open: how many were used more recently. */
  readonly recency?: number;
  /** More about it, for the list. */
  readonly detail?: string;
}

/** The most candidates that are shown. */
const SHOWN = 12;

/** A `#` that can begin a mention, and what follows it. */
const MENTION = /(?<![^\s("'`[{])#([^\s#]+)/g;
/** Signs at the end that belong to the sentence. */
const PUNCTUATION = /[.,;:!?)\]}"'`]+$/;

/** The mention that is being typed, if any. Once its lines are, there is nothing to complete. */
export function typing(text: string): Typing | undefined {
  const found = /(?<![^\s("'`[{])#([^\s#:]*)$/.exec(text);
  return found ? { start: found.index, query: found[1] ?? "" } : undefined;
}

/** What an instruction mentions or seems to: a `#word` counts, since it may be a symbol. */
export function mentioned(text: string): string[] {
  return Array.from(text.matchAll(MENTION), (found) =>
    (found[1] ?? "").replace(PUNCTUATION, ""),
  ).filter((one) => one !== "");
}

/** The instruction with the mention that is being typed completed, and a space to type on. */
export function completed(instruction: string, at: Typing, candidate: Candidate): string {
  return `${instruction.slice(0, at.start)}#${candidate.text} `;
}

/** Whether what is written so would be read as one mention. */
export function canBeMentioned(text: string): boolean {
  const [one, ...others] = mentioned(`#${text}`);
  return one === text && others.length === 0;
}

/** `path:A-B` for the lines that a selection covers, counted from 1. */
export function withLines(path: string, { start, end }: Range): string {
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return `${path}:${String(start.line + 1)}-${String(last)}`;
}

/**
 * The candidates for what is typed, best first: selections and open files before the others, the
 * latest first; those where the letters are merely spread over the text come last.
 */
export function ranked(query: string, candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates
    .filter(({ text }) => canBeMentioned(text) && !seen.has(text) && seen.add(text))
    .flatMap((candidate) => {
      const match = matching(query, candidate);
      return match === undefined ? [] : [{ candidate, order: order(match, candidate) }];
    })
    .sort((a, b) => compareOrders(a.order, b.order))
    .slice(0, SHOWN)
    .map(({ candidate }) => candidate);
}

/** How well a text fits what is typed; less is better. */
const [PREFIX, INSIDE, SPREAD] = [0, 1, 2] as const;

function matching(query: string, { text }: Candidate): number | undefined {
  const [wanted, whole] = [query.toLowerCase(), text.toLowerCase()];
  const name = whole.slice(whole.lastIndexOf("/") + 1);
  if (name.startsWith(wanted) || whole.startsWith(wanted)) return PREFIX;
  if (whole.includes(wanted)) return INSIDE;
  return isSpread(wanted, whole) ? SPREAD : undefined;
}

/** Whether all letters of `wanted` come in `text`, in their order. */
function isSpread(wanted: string, text: string): boolean {
  let at = -1;
  return Array.from(wanted).every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}

type Order = readonly (number | string)[];

function order(match: number, { text, kind, recency }: Candidate): Order {
  const spread = match === SPREAD ? 1 : 0;
  const kinds = ["selection", "file", "symbol"];
  return [spread, recency ?? Infinity, match, kinds.indexOf(kind), text.length, text];
}

function compareOrders(a: Order, b: Order): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? "";
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
