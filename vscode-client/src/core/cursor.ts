/**
 * Keeps the cursor where it is. VS Code pushes a cursor that stands exactly where text is inserted
 * behind that text; a user who watches a stream would see it run away.
 */

import { type Change, carry, lastFirst, same } from "./positions.js";
import type { Position, Range } from "./protocol.js";

/** A selection by its two ends: the one that stays and the one that moves. */
export interface Selection {
  readonly anchor: Position;
  readonly active: Position;
}

/** The selections after an edit of ours as they should be. */
export function kept(selections: readonly Selection[], changes: readonly Change[]): Selection[] {
  return selections.map((s) => ({
    anchor: moved(s.anchor, changes),
    active: moved(s.active, changes),
  }));
}

/**
 * Whether the selections must be put back: they are not where they should be, and nothing but our
 * edit can have moved them there. If the user has moved the cursor meanwhile, they stay.
 */
export function mustPutBack(
  before: readonly Selection[],
  now: readonly Selection[],
  changes: readonly Change[],
): boolean {
  const wanted = kept(before, changes);
  if (now.length !== wanted.length) return false;
  let off = false;
  for (const [i, selection] of now.entries()) {
    const [b, w] = [before[i], wanted[i]];
    if (!b || !w) return false;
    for (const end of ["anchor", "active"] as const) {
      if (equal(selection[end], w[end])) continue;
      if (!equal(selection[end], pushed(b[end], changes))) return false;
      off = true;
    }
  }
  return off;
}

function moved(position: Position, changes: readonly Change[]): Position {
  return lastFirst(changes).reduce((p, change) => carry(p, change, "before"), position);
}

function pushed(position: Position, changes: readonly Change[]): Position {
  return lastFirst(changes).reduce((p, change) => carry(p, change, "after"), position);
}

function equal(a: Position, b: Position): boolean {
  const at = (p: Position): Range => ({ start: p, end: p });
  return same(at(a), at(b));
}
