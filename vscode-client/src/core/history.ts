/** The instructions given before, as a shell keeps them: newest last, each once. */

const LIMIT = 100;

export class InputHistory {
  private place: number | undefined;
  private draft = "";

  constructor(private entries: readonly string[] = []) {}

  get all(): readonly string[] {
    return this.entries;
  }

  /** An instruction was given: it is the newest now. */
  add(instruction: string): void {
    const text = instruction.trim();
    if (text === "") return;
    this.entries = [...this.entries.filter((entry) => entry !== text), text].slice(-LIMIT);
    this.rest();
  }

  /** The entry before the one shown; `shown` is kept if it is the user's own draft. */
  older(shown: string): string | undefined {
    if (this.place === undefined) this.draft = shown;
    const place = (this.place ?? this.entries.length) - 1;
    if (place < 0) return undefined;
    this.place = place;
    return this.entries[place];
  }

  /** The entry after the one shown, and behind the newest the draft. */
  newer(): string | undefined {
    if (this.place === undefined) return undefined;
    const place = this.place + 1;
    if (place >= this.entries.length) {
      const draft = this.draft;
      this.rest();
      return draft;
    }
    this.place = place;
    return this.entries[place];
  }

  /** The input was closed: begin at the newest again. */
  rest(): void {
    this.place = undefined;
    this.draft = "";
  }
}
