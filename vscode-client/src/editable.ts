/** Says why a document cannot be edited, before anything is asked of the user. */

import { FilePermission, type TextDocument, workspace } from "vscode";

/**
 * A sentence for the user, or undefined if the document can be edited. `editorSays`: VS Code has
 * said of the editor that it is read-only.
 */
export async function whyNotEditable(
  document: TextDocument,
  editorSays: boolean,
): Promise<string | undefined> {
  switch (document.uri.scheme) {
    case "file":
    case "untitled":
      break;
    case "vscode-notebook-cell":
      return "Midstream can't edit notebook cells yet, only files.";
    default:
      return (
        `Midstream edits files and untitled documents, not ` +
        `"${document.uri.scheme}" documents. Open the file itself.`
      );
  }
  if (editorSays || (await isReadOnly(document))) {
    return "This file is read-only, so Midstream can't edit it.";
  }
  return undefined;
}

/** Whether the file itself forbids writing. */
async function isReadOnly(document: TextDocument): Promise<boolean> {
  if (document.uri.scheme !== "file") return false;
  try {
    const { permissions } = await workspace.fs.stat(document.uri);
    return permissions !== undefined && (permissions & FilePermission.Readonly) !== 0;
  } catch {
    return false; // A file that is deleted meanwhile can still be edited in its editor.
  }
}
