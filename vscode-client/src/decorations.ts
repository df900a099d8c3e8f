/** Draws the sessions over the editors that show their documents. */

import {
  type DecorationOptions,
  type Disposable,
  MarkdownString,
  OverviewRulerLane,
  Range,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  window,
} from "vscode";
import { draw, type Virtual } from "./core/decorate.js";
import type { SessionState } from "./core/protocol.js";
import type { Range as PlainRange } from "./core/protocol.js";
import { toPosition, toRange } from "./convert.js";

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

  /** Draw these sessions, and nothing else, in the editor. */
  draw(editor: TextEditor, sessions: readonly SessionState[]): void {
    const lineCount = editor.document.lineCount;
    const lengthOf = (line: number): number =>
      line < lineCount ? editor.document.lineAt(line).text.length : 0;
    const drawings = sessions.map((session) => draw(session, lengthOf));
    this.set(
      editor,
      this.scope,
      drawings.map((d) => toRange(d.scope)),
    );
    this.set(
      editor,
      this.inserted,
      drawings.flatMap((d) => d.inserted.map(toRange)),
    );
    this.set(
      editor,
      this.struck,
      virtual(
        drawings.flatMap((d) => d.struck),
        "before",
        STRUCK,
      ),
    );
    this.set(
      editor,
      this.gone,
      virtual(
        drawings.flatMap((d) => d.gone),
        "after",
        GONE,
      ),
    );
    this.set(
      editor,
      this.held,
      virtual(
        drawings.flatMap((d) => d.held),
        "after",
        HELD,
      ),
    );
  }

  /** Show what would be edited, while the input is open. */
  ask(editor: TextEditor, ranges: readonly PlainRange[]): void {
    editor.setDecorations(this.asked, ranges.map(toRange));
  }

  private set(
    editor: TextEditor,
    kind: TextEditorDecorationType,
    what: readonly (Range | DecorationOptions)[],
  ): void {
    editor.setDecorations(kind, what as Range[] | DecorationOptions[]);
  }

  dispose(): void {
    for (const kind of [this.scope, this.asked, this.inserted, this.struck, this.gone, this.held]) {
      kind.dispose();
    }
  }
}

const STRUCK = { color: color("deletedForeground"), textDecoration: "line-through" };
const GONE = {
  color: color("deletedForeground"),
  textDecoration: "line-through",
  margin: "0 0 0 3ch",
};
const HELD = { color: color("heldForeground"), fontStyle: "italic", margin: "0 0 0 1ch" };

function virtual(
  texts: readonly Virtual[],
  where: "before" | "after",
  style: object,
): DecorationOptions[] {
  return texts.map(({ position, text }) => {
    const place = toPosition(position);
    return {
      range: new Range(place, place),
      hoverMessage: new MarkdownString().appendCodeblock(text),
      // Blanks at the edges would be swallowed.
      renderOptions: { [where]: { ...style, contentText: text.replace(/ /g, "\u00a0") } },
    };
  });
}
