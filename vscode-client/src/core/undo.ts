/**
 * Where the undo stack is cut, so that one Ctrl+Z takes back a whole run of the model's edits and
 * never the user's own typing with it.
 *
 * VS Code puts a stop before typing that follows an edit of ours by itself. Towards the other side
 * it does not: an edit without a stop before it joins the typing that stands open.
 */

import type { Change } from "./positions.js";

/** Who wrote last in one document, and whether the next edit begins a new step. */
export class UndoPolicy {
  private ours: readonly Change[] | undefined;
  private begun = true;

  /** A session begins: its first edit must not join the run of an earlier one. */
  begin(): void {
    this.begun = true;
  }

  /** An edit of ours is about to be applied. Says whether an undo stop belongs before it. */
  before(changes: readonly Change[]): boolean {
    const stop = this.begun;
    this.ours = changes;
    this.begun = false;
    return stop;
  }

  /** The edit was applied or refused; what changes from now on is somebody else's. */
  after(applied: boolean, stop: boolean): void {
    this.ours = undefined;
    // A refused edit has cut nothing, so the stop is still due.
    if (!applied && stop) this.begun = true;
  }

  /** The document has changed. Whatever is not the edit under way was written by somebody else. */
  changed(changes: readonly Change[]): void {
    if (this.ours !== undefined && sameChanges(this.ours, changes)) return;
    this.begun = true;
  }
}

function sameChanges(a: readonly Change[], b: readonly Change[]): boolean {
  const key = (c: Change): string =>
    JSON.stringify([c.range.start.line, c.range.start.character, normal(c.text)]);
  const left = a.map(key).sort();
  const right = b.map(key).sort();
  return left.length === right.length && left.every((k, i) => k === right[i]);
}

/** VS Code gives inserted text the document's line endings. */
function normal(text: string): string {
  return text.replace(/\r\n|\r/g, "\n");
}
