/**
 * When to draw: soon after something has changed, and no more often than anybody can see.
 *
 * What a stream changes comes faster than the window can draw, and each drawing holds up the keys
 * that the user types and the next edit. So what comes within one beat is drawn together.
 */

/** Runs `work` once after so many milliseconds, unless what it gives back is called before. */
export type Later = (work: () => void, milliseconds: number) => () => void;

export class Throttle {
  private due: { at: number; cancel: () => void } | undefined;

  /** `clock` tells the time in milliseconds. */
  constructor(
    private readonly draw: () => void,
    private readonly clock: () => number,
    private readonly later: Later,
  ) {}

  /** Something has changed: it is drawn within so many milliseconds, with what else comes. */
  within(milliseconds: number): void {
    const at = this.clock() + milliseconds;
    if (this.due && this.due.at <= at) return;
    this.due?.cancel();
    const cancel = this.later(() => {
      this.now();
    }, milliseconds);
    this.due = { at, cancel };
  }

  /** Draw now; what was to be drawn later is in it. */
  now(): void {
    this.stop();
    this.draw();
  }

  /** Draw no more of what has changed so far. */
  stop(): void {
    this.due?.cancel();
    this.due = undefined;
  }
}
