/**
 * What is drawn over a document for one session. Nothing of it is ever in the document.
 *
 * Virtual text has no line of its own in VS Code: what the model took away stands behind the lines
 * that replaced it, line by line.
 */

import { offered, offeredImports } from "./hunks.js";
import { type Change, compare, leaves } from "./positions.js";
import type { Held, Hunk, Position, Range, SessionState } from "./protocol.js";
import { unseen, wholeWords } from "./wordDiff.js";

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
  /** Imports that an accept can add, behind the lines that they would follow. */
  readonly offered: readonly Virtual[];
}

/** The drawing of a session; `textOf` gives the text of a line, counted from 0. */
export function draw(state: SessionState, textOf: (line: number) => string): Drawing {
  const lengthOf = (line: number): number => textOf(line).length;
  const open = wholeWords(
    state.hunks.filter((hunk) => hunk.state === "open"),
    textOf,
  );
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
    held: state.held ? heldText(state.held, textOf) : [],
    offered: offeredImports(state.hunks).map((hunk) => ghost(hunk, lengthOf)),
  };
}

/** Lines that an editor shows or is about to show, both included, counted from 0. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** Lines around those in sight that are drawn too, so that a little scrolling shows nothing bare. */
const AROUND = 40;

/** The lines to draw for these visible ranges; all of them where nothing is in sight yet. */
export function linesToDraw(visible: readonly Range[]): Lines {
  if (visible.length === 0) return { first: 0, last: Infinity };
  return {
    first: Math.min(...visible.map((range) => range.start.line)) - AROUND,
    last: Math.max(...visible.map((range) => range.end.line)) + AROUND,
  };
}

/**
 * What of a drawing is worth drawing: what is far out of sight costs the window as much as what is
 * in sight. The scope stays whole, it is in the overview beside the scroll bar.
 */
export function near(drawing: Drawing, { first, last }: Lines): Drawing {
  const inSight = (range: Range): boolean => range.end.line >= first && range.start.line <= last;
  const there = ({ position }: Virtual): boolean => position.line >= first && position.line <= last;
  return {
    scope: drawing.scope,
    inserted: drawing.inserted.filter(inSight),
    struck: drawing.struck.filter(there),
    gone: drawing.gone.filter(there),
    held: drawing.held.filter(there),
    offered: drawing.offered.filter(there),
  };
}

/** Something drawn at a place; marks of one kind that are equal look the same. */
export interface Mark {
  readonly range: Range;
  readonly text?: string;
  /** It covers whole lines, wherever in them its range begins and ends. */
  readonly whole?: boolean;
}

/**
 * What was drawn last in one editor, so that it is not drawn again.
 *
 * The window may have changed the text when it is told to draw, and moves what it has drawn by rules
 * of its own. So a kind of marks is only known to stand as drawn while all changes leave its places.
 */
export class Drawn {
  /** By kind; undefined where it is not known. What is not in it was never drawn. */
  private readonly kinds = new Map<string, readonly Mark[] | undefined>();

  /** Whether these marks stand there already. From now on they do. */
  stands(kind: string, marks: readonly Mark[]): boolean {
    const before = this.kinds.has(kind) ? this.kinds.get(kind) : [];
    this.kinds.set(kind, marks);
    return before !== undefined && look(before) === look(marks);
  }

  /** The document has changed. */
  changed(changes: readonly Change[]): void {
    for (const [kind, marks] of this.kinds) {
      const sure = marks?.every(({ range, whole }) =>
        changes.every((change) => leaves(change, range, whole)),
      );
      if (sure !== true) this.kinds.set(kind, undefined);
    }
  }
}

/** The same for marks that look the same. */
function look(marks: readonly Mark[]): string {
  const key = ({ range, text, whole }: Mark): unknown =>
    whole === true ? [range.start.line, range.end.line] : [range, text];
  return JSON.stringify(marks.map(key));
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
function heldText(held: Held, textOf: (line: number) => string): Virtual[] {
  const lines = unseen(held, textOf);
  const first = lines.find((line) => line.trim() !== "");
  if (first === undefined) return [];
  const more = lines.length - lines.indexOf(first) - 1;
  const text = more > 0 ? `${short(first)}  ⏎ +${String(more)}` : short(first);
  const { line } = held.position;
  return [{ position: { line, character: textOf(line).length }, text }];
}

/**
 * What comes into a line is shown behind that line; whole lines behind the one before them, or behind
 * the first one of the file.
 */
function ghost(hunk: Hunk, lengthOf: (line: number) => number): Virtual {
  const { line: at, character } = hunk.range.start;
  const line = character === 0 && at > 0 && /[\r\n]$/.test(hunk.offer ?? "") ? at - 1 : at;
  return { position: { line, character: lengthOf(line) }, text: short(`+ ${offered(hunk)}`) };
}

function short(text: string): string {
  const plain = text.replace(/[\r\n]+/g, " ⏎ ");
  return plain.length <= WIDTH ? plain : `${plain.slice(0, WIDTH - 1)}…`;
}
