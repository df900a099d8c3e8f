/**
 * Where the undo stack is cut, so that one Ctrl+Z takes back a whole run of the model's edits and
 * never the user's own typing with it.
 *
 * VS Code puts a stop before typing that follows an edit of ours by itself. Towards the other side
 * it does not: an edit without a stop before it joins the typing that stands open. And whenever a
 * document is saved, by the user or by itself, VS Code ends the step, as it does around each edit of
 * a document that no editor shows: such a run has several, which are undone and redone together.
 */

import type { Change } from "./positions.js";

/** What a change of a document was. */
export type Reason = "undo" | "redo" | undefined;

/** Something that must follow what the user did: the same once more, so many times. */
export interface FollowUp {
  readonly command: "undo" | "redo";
  readonly times: number;
}

/** Who wrote last in one document, and how many undo steps our last run has. */
export class UndoPolicy {
  private ours: readonly Change[] | undefined;
  /** The next edit begins a run. */
  private begun = true;
  private wasCut = false;
  /** Undo steps of the run that was written last; 0 when something else was. */
  private steps = 0;
  /** Undo steps of the run that was undone last, and could be redone. */
  private undone = 0;
  /** Changes that our own following up is going to make. */
  private expected = 0;

  /** A session begins: its first edit must not join the run of an earlier one. */
  begin(): void {
    this.begun = true;
  }

  /** VS Code has ended the step: the document was saved, or changed in no editor. */
  cut(): void {
    this.wasCut = true;
  }

  /** An edit of ours is about to be applied. Says whether an undo stop belongs before it. */
  before(changes: readonly Change[]): boolean {
    this.ours = changes;
    return this.begun;
  }

  /** The edit was answered. If it was refused it has cut nothing, so the stop is still due. */
  after(): void {
    this.ours = undefined;
  }

  /** What was to follow has been done, as far as it could be. */
  followed(): void {
    this.expected = 0;
  }

  /** The document has changed. Says what must follow, if it was an undo or redo of our run. */
  changed(changes: readonly Change[], reason: Reason): FollowUp | undefined {
    if (reason === undefined) {
      if (this.ours !== undefined && sameChanges(this.ours, changes)) this.landed();
      else this.ended();
      return undefined;
    }
    if (this.expected > 0) {
      this.expected -= 1;
      return undefined;
    }
    if (reason === "undo" && this.steps > 0) {
      const steps = this.steps;
      this.ended();
      this.undone = steps;
      return this.follow("undo", steps - 1);
    }
    if (reason === "redo" && this.undone > 0) {
      const steps = this.undone;
      this.ended();
      this.steps = steps;
      return this.follow("redo", steps - 1);
    }
    this.ended();
    return undefined;
  }

  private landed(): void {
    this.ours = undefined;
    if (this.begun) this.steps = 1;
    else if (this.wasCut) this.steps += 1;
    this.begun = false;
    this.wasCut = false;
    this.undone = 0;
  }

  private follow(command: "undo" | "redo", times: number): FollowUp | undefined {
    this.expected = times;
    return times > 0 ? { command, times } : undefined;
  }

  /** Something other than our run was written last. */
  private ended(): void {
    this.begun = true;
    this.steps = 0;
    this.undone = 0;
    this.expected = 0;
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
