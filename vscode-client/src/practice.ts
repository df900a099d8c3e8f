/** The practice file: something to edit in the first minute, without a key or a network. */

import { Position, Selection, window, workspace } from "vscode";
import type { App } from "./app.js";

const TEXT = `# Practice: nothing leaves your machine.
#
# The function below is selected. Press the key of "Midstream: Edit with Instruction…", type
#     add type hints
# and press Enter. Then accept with Ctrl+Enter, or type another instruction to redirect it.


def total(prices, discount=0.0, currency="EUR"):
    result = 0.0
    for price in prices:
        result = result + price
    if discount > 0:
        result = result - result * discount
    return f"{result:.2f} {currency}"


print(total([3.5, 2.25, 10.0], discount=0.1))
`;

/** `midstream.practice`: opens it with its function selected. */
export async function openPractice(app: App): Promise<void> {
  const document = await workspace.openTextDocument({ language: "python", content: TEXT });
  app.practiceIn(document.uri.toString());
  const editor = await window.showTextDocument(document, { preview: false });
  const start = TEXT.indexOf("def total");
  const end = TEXT.indexOf('{currency}"') + '{currency}"'.length;
  editor.selection = new Selection(document.positionAt(start), document.positionAt(end));
  editor.revealRange(editor.selection.with({ start: new Position(0, 0) }));
}
