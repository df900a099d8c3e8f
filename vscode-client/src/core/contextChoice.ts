/** What an edit that is about to begin would send of other files, and what the user takes out of it. */

import type { ContextPiece } from "./protocol.js";
import { plural } from "./words.js";

/** A piece with what the user has decided about its file. */
export interface Listed {
  readonly piece: ContextPiece;
  readonly leftOut: boolean;
}

export class ContextChoice {
  private pieces: readonly ContextPiece[] = [];
  /** What is taken out, by file: the server names it no longer. */
  private readonly left = new Map<string, readonly ContextPiece[]>();

  /** `documents`: those that are edited. They are always sent. */
  constructor(private readonly documents: ReadonlySet<string>) {}

  /** The server's answer: what would be sent. Pieces that serve several places count once. */
  answered(pieces: readonly ContextPiece[]): void {
    const key = ({ uri, range, why }: ContextPiece): string => JSON.stringify([uri, range, why]);
    this.pieces = [...new Map(pieces.map((piece) => [key(piece), piece])).values()];
  }

  /** Files that must not be sent. */
  get leaveOut(): string[] {
    return [...this.left.keys()];
  }

  /** Whether the user can take this file out. */
  canLeaveOut(uri: string): boolean {
    return !this.documents.has(uri);
  }

  /** Take a file out, or put it back. */
  toggle(uri: string): void {
    if (this.left.delete(uri) || !this.canLeaveOut(uri)) return;
    this.left.set(
      uri,
      this.pieces.filter((piece) => piece.uri === uri),
    );
  }

  /** All pieces: those of other files, those taken out, those of the edited file. */
  get list(): Listed[] {
    const sent = this.pieces.filter(({ uri }) => !this.left.has(uri));
    const own = sent.filter(({ uri }) => this.documents.has(uri));
    const listed = (pieces: readonly ContextPiece[], leftOut: boolean): Listed[] =>
      pieces.map((piece) => ({ piece, leftOut }));
    return [
      ...listed(this.others, false),
      ...[...this.left.values()].flatMap((pieces) => listed(pieces, true)),
      ...listed(own, false),
    ];
  }

  /** "+3 files", "+2 files, 1 left out"; undefined when there is nothing to say. */
  get label(): string | undefined {
    const files = new Set(this.others.map(({ uri }) => uri)).size;
    const left = this.left.size;
    if (files === 0) return left === 0 ? undefined : `${plural(left, "file")} left out`;
    return `+${plural(files, "file")}${left === 0 ? "" : `, ${String(left)} left out`}`;
  }

  /** The tokens of other files. */
  get tokens(): number {
    return this.others.reduce((sum, { tokens }) => sum + tokens, 0);
  }

  private get others(): ContextPiece[] {
    return this.pieces.filter(({ uri }) => !this.documents.has(uri) && !this.left.has(uri));
  }
}
