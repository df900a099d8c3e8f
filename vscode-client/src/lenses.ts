/** Draws the lenses of all sessions; VS Code asks for them, and is told when there are others. */

import {
  CodeLens,
  type CodeLensProvider,
  type Disposable,
  EventEmitter,
  languages,
  type TextDocument,
} from "vscode";
import type { App } from "./app.js";
import { SELECTOR } from "./client.js";
import { toRange } from "./convert.js";
import { type Lens, lenses } from "./core/lenses.js";
import type { Problems } from "./problems.js";

export class Lenses implements CodeLensProvider, Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly disposables: Disposable[];
  /** What each document was last seen with: they are drawn anew only when the words differ. */
  private readonly shown = new Map<string, string>();
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(
    private readonly app: App,
    private readonly problems: Problems,
  ) {
    this.disposables = [
      this.changed,
      languages.registerCodeLensProvider(SELECTOR, this),
      app.onDraw((uris) => {
        for (const uri of uris) this.compare(uri);
      }),
      problems.onDidChange((uri) => {
        this.compare(uri);
      }),
    ];
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    return this.of(document.uri.toString()).map(
      (lens) =>
        new CodeLens(toRange(lens.range), {
          title: lens.title,
          tooltip: lens.tooltip,
          command: lens.command,
          arguments: [lens.argument],
        }),
    );
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }

  private of(uri: string): Lens[] {
    const { store, addsImports } = this.app;
    return store
      .in(uri)
      .flatMap((one) => lenses(one, this.problems.of(one.session).length, addsImports));
  }

  private compare(uri: string): void {
    const words = this.of(uri).map((lens) => [lens.title, lens.argument]);
    const now = JSON.stringify(words);
    if (this.shown.get(uri) === now) return;
    if (words.length > 0) this.shown.set(uri, now);
    else this.shown.delete(uri);
    this.changed.fire();
  }
}
