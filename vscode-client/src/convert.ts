/** Between VS Code's positions and those of `core`, which are plain values. */

import * as vscode from "vscode";
import type { Change } from "./core/positions.js";
import type { Position, Range } from "./core/protocol.js";

export function toPosition(position: Position): vscode.Position {
  return new vscode.Position(position.line, position.character);
}

export function toRange(range: Range): vscode.Range {
  return new vscode.Range(toPosition(range.start), toPosition(range.end));
}

/** VS Code's own ranges as plain values, fit for JSON. */
export function fromRange(range: vscode.Range): Range {
  return { start: fromPosition(range.start), end: fromPosition(range.end) };
}

export function fromPosition(position: vscode.Position): Position {
  return { line: position.line, character: position.character };
}

export function toChanges(changes: readonly vscode.TextDocumentContentChangeEvent[]): Change[] {
  return changes.map((change) => ({ range: fromRange(change.range), text: change.text }));
}
