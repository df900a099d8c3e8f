/**
 * What an edit is asked for: one or several places of a document, each with its scope levels.
 * Several cursors make several edits, unless they mean the same code.
 */

import { type Change, carryRange, compare, overlaps, same } from "./positions.js";
import type { Range, ScopeLevel, Scope, ScopeAnswer, Step } from "./protocol.js";

export interface Target {
  /** What the user has selected. */
  readonly selection: Range;
  readonly scope: Scope;
  readonly ladder: readonly Step[];
  /** Which level is chosen, by its index in the levels. */
  readonly level: number;
  /** Which one the server chose: the scope's kind is that of this one. */
  readonly chosen: number;
}

/** A target at the level that the server chose. */
export function target(selection: Range, answer: ScopeAnswer): Target {
  const first: Step = { scope: "smallest", range: answer.scope.range };
  const told = distinct(answer.ladder);
  const found = told.findIndex((step) => same(step.range, first.range));
  // A scope that is on no level is the lowest one: nothing but what is shown may be edited.
  const ladder = found < 0 ? [first, ...told] : told;
  const level = Math.max(found, 0);
  return { selection, scope: answer.scope, ladder, level, chosen: level };
}

/** One level up or down; the same target at either end of the list. */
export function step(of: Target, by: 1 | -1): Target {
  const level = Math.min(Math.max(of.level + by, 0), of.ladder.length - 1);
  const found = of.ladder[level];
  return found ? { ...of, level, scope: { ...of.scope, range: found.range } } : of;
}

/** The name of the chosen level, as the commands want it. */
export function levelOf(of: Target): ScopeLevel {
  return of.ladder[of.level]?.scope ?? "smallest";
}

/** Selections that are to be edited as one because their scopes overlap: joined, in order. */
export function joined(targets: readonly Target[]): Range[] | undefined {
  const sorted = [...targets].sort((a, b) => compare(a.scope.range.start, b.scope.range.start));
  const groups: Target[][] = [];
  for (const one of sorted) {
    const last = groups.at(-1);
    const overlapping = last?.some(
      (other) =>
        overlaps(other.scope.range, one.scope.range) || same(other.scope.range, one.scope.range),
    );
    if (last && overlapping) last.push(one);
    else groups.push([one]);
  }
  if (groups.length === targets.length) return undefined;
  return groups.map((group) => group.map((one) => one.selection).reduce(union));
}

/** The target after its document has changed. Its levels are requested again with the edit. */
export function moved(of: Target, changes: readonly Change[]): Target {
  const carry = (range: Range): Range => carryRange(range, changes, true);
  return {
    ...of,
    selection: carry(of.selection),
    scope: { ...of.scope, range: carry(of.scope.range) },
    ladder: of.ladder.map((level) => ({ ...level, range: carry(level.range) })),
  };
}

function union(a: Range, b: Range): Range {
  return {
    start: compare(a.start, b.start) <= 0 ? a.start : b.start,
    end: compare(a.end, b.end) >= 0 ? a.end : b.end,
  };
}

/**
 * Levels that cover the same code are one for the user. "smallest" is a place's own and not a level's
 * name: of an edit that runs it is what the edit has, so where there is another name that one is kept.
 */
function distinct(ladder: readonly Step[]): Step[] {
  const found: Step[] = [];
  for (const one of ladder) {
    const last = found.at(-1);
    if (!last || !same(last.range, one.range)) found.push(one);
    else if (last.scope === "smallest") found[found.length - 1] = one;
  }
  return found;
}
