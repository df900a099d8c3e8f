/** Watches the problems that other extensions report, for those that an edit has brought. */

import { type Diagnostic, type Disposable, EventEmitter, languages, Uri, workspace } from "vscode";
import type { App } from "./app.js";
import { fromRange } from "./convert.js";
import { fresh, instruction, type Known, known, type Problem } from "./core/problems.js";
import { COMMANDS, type SessionState } from "./core/protocol.js";

export class Problems implements Disposable {
  private readonly before = new Map<string, Known>();
  private readonly changed = new EventEmitter<string>();
  private readonly disposables: Disposable[];
  /** The new problems in this document are others than before. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly app: App) {
    this.disposables = [
      this.changed,
      app.onUpdate(({ now, before }) => {
        if (!before) this.before.set(now.session, known(problemsIn(now.uri), now.scope.range));
        if (now.phase === "ended") this.before.delete(now.session);
      }),
      languages.onDidChangeDiagnostics(({ uris }) => {
        for (const uri of new Set(uris.map(String))) {
          if (app.store.in(uri).length > 0) this.changed.fire(uri);
        }
      }),
    ];
  }

  /** The problems that are new in a session's scope; none while the model still writes. */
  of(session: string): Problem[] {
    const state = this.app.store.get(session);
    const before = this.before.get(session);
    if (state?.phase !== "review" || !before) return [];
    return fresh(problemsIn(state.uri), state.scope.range, before);
  }

  /** `midstream.fixNewProblems`: redirect the edit to fix them. */
  async fix(state: SessionState | undefined): Promise<void> {
    const found = state ? this.of(state.session) : [];
    if (!state || found.length === 0) {
      this.app.tell("This edit has caused no new problems.");
      return;
    }
    const document = await workspace.openTextDocument(Uri.parse(state.uri));
    const textOf = (line: number): string =>
      line < document.lineCount ? document.lineAt(line).text : "";
    const argument = { session: state.session, instruction: instruction(found, textOf) };
    await this.app.run(COMMANDS.redirect, argument);
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }
}

function problemsIn(uri: string): Problem[] {
  return languages.getDiagnostics(Uri.parse(uri)).map((diagnostic: Diagnostic) => ({
    range: fromRange(diagnostic.range),
    message: diagnostic.message,
  }));
}
