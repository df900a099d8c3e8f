/** Says why a document cannot be edited, before anything is asked of the user. */

import { FileSystemError, type TextDocument, workspace } from "vscode";

/** A sentence for the user, or undefined if the document can be edited. */
export function whyNotEditable(document: TextDocument): string | undefined {
  switch (document.uri.scheme) {
    case "file":
    case "untitled":
      break;
    case "vscode-notebook-cell":
      return "Midstream does not edit notebook cells yet; it edits files.";
    default:
      return (
        `Midstream edits files and untitled documents; this one is of the kind ` +
        `"${document.uri.scheme}". Open the file itself.`
      );
  }
  if (document.uri.scheme === "file" && workspace.fs.isWritableFileSystem("file") === false) {
    return "This file system cannot be written to, so there is no way to show an edit.";
  }
  return undefined;
}

/** Whether the file itself forbids writing. VS Code tells it of no document. */
export async function isReadOnly(document: TextDocument): Promise<boolean> {
  if (document.uri.scheme !== "file") return false;
  try {
    const { permissions } = await workspace.fs.stat(document.uri);
    return permissions !== undefined && (permissions & 1) !== 0;
  } catch (error) {
    return error instanceof FileSystemError && error.code === "NoPermissions";
  }
}
