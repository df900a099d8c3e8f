/** Draws the sessions over the editors that show their documents. */

import {
  type DecorationOptions,
  type Disposable,
  MarkdownString,
  OverviewRulerLane,
  type TextDocument,
  type TextEditor,
  type ThemableDecorationAttachmentRenderOptions,
  ThemeColor,
  window,
} from "vscode";
import { draw, Drawn, linesToDraw, type Mark, near } from "./core/decorate.js";
import type { Change } from "./core/positions.js";
import type { Range as PlainRange, SessionState } from "./core/protocol.js";
import { fromRange, toRange } from "./convert.js";

const color = (name: string): ThemeColor => new ThemeColor(`midstream.${name}`);

export class Decorations implements Disposable {
  private readonly scope = window.createTextEditorDecorationType({
    isWholeLine: true,
    borderWidth: "0 0 0 2px",
    borderStyle: "solid",
    borderColor: color("scopeBorder"),
    overviewRulerColor: color("scopeBorder"),
    overviewRulerLane: OverviewRulerLane.Left,
  });
  private readonly asked = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: color("scopeBackground"),
    borderWidth: "0 0 0 2px",
    borderStyle: "solid",
    borderColor: color("scopeBorder"),
  });
  private readonly inserted = window.createTextEditorDecorationType({
    backgroundColor: color("insertedBackground"),
  });
  private readonly struck = window.createTextEditorDecorationType({});
  private readonly gone = window.createTextEditorDecorationType({});
  private readonly held = window.createTextEditorDecorationType({});
  private readonly offered = window.createTextEditorDecorationType({});

  /** What stands in each editor. VS Code forgets it with the editor. */
  private readonly drawn = new WeakMap<TextEditor, Drawn>();

  /** Draw these sessions, and nothing else, in the editor. */
  draw(editor: TextEditor, sessions: readonly SessionState[]): void {
    const lineCount = editor.document.lineCount;
    const textOf = (line: number): string =>
      line < lineCount ? editor.document.lineAt(line).text : "";
    const lines = linesToDraw(editor.visibleRanges.map(fromRange));
    const drawings = sessions.map((session) => near(draw(session, textOf), lines));
    const places = (ranges: readonly PlainRange[]): Mark[] => ranges.map((range) => ({ range }));
    const of = (kind: Ghost): Mark[] =>
      drawings.flatMap((d) =>
        d[kind].map(({ position, text }) => ({ range: { start: position, end: position }, text })),
      );
    const scopes = drawings.map((d) => ({ range: d.scope, whole: true }));
    this.set(editor, "scope", scopes);
    this.set(editor, "inserted", places(drawings.flatMap((d) => d.inserted)));
    for (const kind of GHOSTS) this.set(editor, kind, of(kind));
  }

  /** Show what would be edited, while the input is open. */
  ask(editor: TextEditor, ranges: readonly PlainRange[]): void {
    editor.setDecorations(this.asked, ranges.map(toRange));
  }

  /** A document has changed: what stands in its editors may have moved. */
  changed(document: TextDocument, changes: readonly Change[]): void {
    for (const editor of window.visibleTextEditors) {
      if (editor.document === document) this.drawn.get(editor)?.changed(changes);
    }
  }

  private set(editor: TextEditor, kind: Kind, marks: readonly Mark[]): void {
    const drawn = this.drawn.get(editor) ?? new Drawn();
    this.drawn.set(editor, drawn);
    if (drawn.stands(kind, marks)) return;
    const look = LOOKS[kind];
    editor.setDecorations(
      this[kind],
      look ? marks.map((mark) => virtual(mark, look)) : marks.map(({ range }) => toRange(range)),
    );
  }

  dispose(): void {
    for (const kind of [this.scope, this.asked, this.inserted]) kind.dispose();
    for (const kind of GHOSTS) this[kind].dispose();
  }
}

/** Kinds of virtual text, which is drawn and never in the document. */
const GHOSTS = ["struck", "gone", "held", "offered"] as const;
type Ghost = (typeof GHOSTS)[number];
type Kind = "scope" | "inserted" | Ghost;

/** Where virtual text stands, and how it looks. */
interface Look {
  readonly where: "before" | "after";
  readonly style: ThemableDecorationAttachmentRenderOptions;
}

const DELETED = { color: color("deletedForeground"), textDecoration: "line-through" };
const HELD = { color: color("heldForeground"), fontStyle: "italic" };
const LOOKS: Partial<Record<Kind, Look>> = {
  struck: { where: "before", style: DELETED },
  gone: { where: "after", style: { ...DELETED, margin: "0 0 0 3ch" } },
  held: { where: "after", style: { ...HELD, margin: "0 0 0 1ch" } },
  offered: { where: "after", style: { ...HELD, margin: "0 0 0 3ch" } },
};

function virtual({ range, text = "" }: Mark, { where, style }: Look): DecorationOptions {
  return {
    range: toRange(range),
    hoverMessage: new MarkdownString().appendCodeblock(text),
    // Blanks at the edges would be swallowed.
    renderOptions: { [where]: { ...style, contentText: text.replace(/ /g, "\u00a0") } },
  };
}
