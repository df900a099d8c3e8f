/**
 * Mentions of files and symbols in an instruction: `#path/to/file.py`, `#file.py:10-40`, `#Symbol`.
 * Finds the one that is being typed, and puts what could be meant in order. What a mention is the
 * server decides (lsp_server/context/mentions.py); this side only has to write what it reads.
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

/** A mention with what may stand behind it. It begins behind a blank, a bracket or a quote. */
const MENTION = /(?<![^\s([{<"'`])#([^\s#"'`<>|;][^\s"'`<>|;]*)/g;
/** One that is being typed, before its lines are. */
const TYPING = /(?<![^\s([{<"'`])#([^\s#"'`<>|;:]*)$/;
/** Signs that end a sentence, and brackets that may be closed behind a mention. */
const SIGNS = ".,:;!?…";
const BRACKETS: ReadonlyMap<string, string> = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);

/** The mention that is being typed, if any. Once its lines are, there is nothing to complete. */
export function typing(text: string): Typing | undefined {
  const found = TYPING.exec(text);
  return found ? { start: found.index, query: found[1] ?? "" } : undefined;
}

/** What an instruction mentions or seems to: a `#word` counts, since it may be a symbol. */
export function mentioned(text: string): string[] {
  return Array.from(text.matchAll(MENTION), (found) => withoutSigns(found[1] ?? "")).filter(
    (one) => !/^[\d.,:/-]*$/.test(one),
  );
}

/** Without what ends the sentence; brackets in pairs stay, as in `app/[id].tsx`. */
function withoutSigns(word: string): string {
  const end = word.at(-1) ?? "";
  const opening = BRACKETS.get(end);
  if (word.endsWith("()")) return withoutSigns(word.slice(0, -2));
  const stays = opening === undefined || times(word, end) <= times(word, opening);
  return word !== "" && (SIGNS.includes(end) || !stays) ? withoutSigns(word.slice(0, -1)) : word;
}

function times(text: string, character: string): number {
  return text.split(character).length - 1;
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

/** The path as it is mentioned: a word without a dot and a slash would be text. */
export function asMention(path: string): string {
  return /[./]/.test(path) ? path : `./${path}`;
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
