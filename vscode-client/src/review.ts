/** Looking at an edit: from change to change, against the original, and at earlier attempts. */

import {
  type Disposable,
  EventEmitter,
  type QuickPickItem,
  Range,
  Selection,
  type TextDocumentContentProvider,
  TextEditorRevealType,
  Uri,
  commands,
  window,
  workspace,
} from "vscode";
import type { App } from "./app.js";
import { cursor } from "./client.js";
import { toRange } from "./convert.js";
import { undecided } from "./core/hunks.js";
import { hunkAt, neighbour, withoutHunks } from "./core/original.js";
import { compare } from "./core/positions.js";
import { type Attempt, COMMANDS, type Hunk, type SessionState } from "./core/protocol.js";

const SCHEME = "midstream-original";

export class Review implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  /** The originals that a diff shows, by session. An ended one stays as it was. */
  private readonly originals = new Map<string, { uri: Uri; text: string }>();
  private readonly disposables: Disposable[];
  readonly onDidChange = this.changed.event;

  constructor(private readonly app: App) {
    this.disposables = [
      this.changed,
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      app.onUpdate(({ now }) => {
        if (now.phase !== "ended") this.renew(now);
      }),
      app.onShift((uri) => {
        for (const session of app.store.in(uri)) this.renew(session);
      }),
      workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === SCHEME) this.originals.delete(document.uri.query);
      }),
    ];
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.originals.get(uri.query)?.text ?? "";
  }

  /** `midstream.diff`: VS Code's diff editor between the original and now. */
  async diff(session: SessionState): Promise<void> {
    const now = Uri.parse(session.uri);
    const uri = now.with({ scheme: SCHEME, query: session.session });
    this.originals.set(session.session, { uri, text: await originalOf(session) });
    this.changed.fire(uri);
    const name = now.path.split("/").at(-1) ?? now.path;
    const { start } = toRange(session.scope.range);
    await commands.executeCommand("vscode.diff", uri, now, `${name}: original ↔ now`, {
      selection: new Range(start, start),
      preview: true,
    });
  }

  /** Go to the next change, or the one before. */
  go(by: 1 | -1): void {
    const editor = window.activeTextEditor;
    const here = cursor();
    if (!editor || !here) return;
    const range = neighbour(this.undecided(here.uri), here.position, by);
    if (!range) {
      this.app.tell("There are no changes to go to.");
      return;
    }
    const place = toRange(range);
    editor.selection = new Selection(place.start, place.start);
    editor.revealRange(place, TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Accept or revert the change at the cursor, or in its line. */
  async decide(command: typeof COMMANDS.accept | typeof COMMANDS.revert): Promise<void> {
    const here = cursor();
    const hunk = here && hunkAt(this.undecided(here.uri), here.position);
    const session = here && this.app.store.in(here.uri).find((s) => hunk && s.hunks.includes(hunk));
    if (hunk && session) {
      await this.app.run(command, { session: session.session, hunks: [hunk.id] });
    } else {
      this.app.tell("Midstream made no change on this line.");
    }
  }

  /** `midstream.walkAttempts`: pick one, see it, pick another. Escape closes the list. */
  async walk(session: SessionState): Promise<void> {
    const argument = { session: session.session };
    const answer = await this.app.run<{ attempts: Attempt[] }>(COMMANDS.attempts, argument);
    if (!answer) return;
    const pick = window.createQuickPick<QuickPickItem & { attempt: number }>();
    pick.title = "Attempts of this edit";
    pick.placeholder = "Enter restores its result. What you typed stays";
    pick.ignoreFocusOut = true;
    pick.items = answer.attempts.map((one) => ({
      attempt: one.attempt,
      label: `${String(one.attempt)}. ${one.instruction}`,
      description: [one.outcome, one.model ?? one.profile].join(" · "),
    }));
    pick.activeItems = pick.items.slice(-1);
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      if (chosen) {
        void this.app.run(COMMANDS.restore, { ...argument, attempt: chosen.attempt });
      }
    });
    pick.onDidHide(() => {
      pick.dispose();
    });
    pick.show();
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }

  /** The changes of a document that are still to be decided, in the order of the text. */
  private undecided(uri: string): Hunk[] {
    return this.app.store
      .in(uri)
      .flatMap((session) => session.hunks.filter(undecided))
      .sort((a, b) => compare(a.range.start, b.range.start));
  }

  /** A diff that is open shows the original as it is now: the user may have typed. */
  private renew(session: SessionState): void {
    const shown = this.originals.get(session.session);
    if (!shown) return;
    void originalOf(session).then((text) => {
      if (text === shown.text) return;
      this.originals.set(session.session, { ...shown, text });
      this.changed.fire(shown.uri);
    });
  }
}

async function originalOf(session: SessionState): Promise<string> {
  const document = await workspace.openTextDocument(Uri.parse(session.uri));
  // The ranges are those of one version; while a newer one is on its way, the next update comes.
  return withoutHunks(document.getText(), session.hunks);
}
