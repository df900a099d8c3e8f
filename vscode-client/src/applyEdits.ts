/**
 * How the server's edits get into a document: through `TextEditor.edit`, which checks the version
 * in the editor itself and lets us say where the undo stack is cut. Documents that no editor shows
 * go the ordinary way.
 */

import {
  type Disposable,
  Selection,
  type TextDocument,
  type TextDocumentChangeEvent,
  TextDocumentChangeReason,
  type TextEditor,
  commands,
  window,
  workspace,
} from "vscode";
import type {
  ApplyWorkspaceEditParams,
  ApplyWorkspaceEditResult,
  TextEdit,
} from "vscode-languageclient/node";
import { mustPutBack, kept } from "./core/cursor.js";
import type { Change } from "./core/positions.js";
import { type Reason, UndoPolicy } from "./core/undo.js";
import { toChanges, toRange } from "./convert.js";

type Next = (params: ApplyWorkspaceEditParams) => Promise<ApplyWorkspaceEditResult>;

export class EditApplier implements Disposable {
  private readonly policies = new Map<string, UndoPolicy>();
  private readonly listeners: Disposable[];

  constructor() {
    this.listeners = [
      workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length > 0) this.changed(event);
      }),
      workspace.onDidSaveTextDocument((document) => {
        this.policies.get(document.uri.toString())?.cut();
      }),
      workspace.onDidCloseTextDocument((document) => {
        this.policies.delete(document.uri.toString());
      }),
    ];
  }

  /** A session begins in this document: its edits are an undo step of their own. */
  begin(uri: string): void {
    this.policy(uri).begin();
  }

  /** `middleware.workspace.handleApplyEdit`. */
  async apply(params: ApplyWorkspaceEditParams, next: Next): Promise<ApplyWorkspaceEditResult> {
    const [only, ...others] = params.edit.documentChanges ?? [];
    if (!only || others.length > 0 || !("textDocument" in only)) return next(params);
    const { uri, version } = only.textDocument;
    const document = documentOf(uri);
    if (!document) return { applied: false, failureReason: "The document isn't open." };
    if (version !== null && document.version !== version) {
      return { applied: false, failureReason: `The document is at ${String(document.version)}.` };
    }
    const edits = only.edits.filter((edit): edit is TextEdit => "newText" in edit);
    const changes = edits.map((edit) => ({ range: edit.range, text: edit.newText }));
    const policy = this.policy(document.uri.toString());
    const stop = policy.before(changes);
    const editor = editorOf(document);
    if (!editor) policy.cut();
    const applied = editor
      ? await this.applyIn(editor, changes, stop)
      : await next(params).then((answer) => answer.applied);
    if (!editor) policy.cut();
    // An editor that is read-only says yes and does nothing.
    const same = document.version === version;
    policy.after();
    if (applied && same) return { applied: false, failureReason: "The editor is read-only." };
    return { applied };
  }

  private async applyIn(
    editor: TextEditor,
    changes: readonly Change[],
    stop: boolean,
  ): Promise<boolean> {
    const version = editor.document.version;
    const before = editor.selections;
    const applied = await editor.edit(
      (builder) => {
        for (const change of changes) builder.replace(toRange(change.range), change.text);
      },
      { undoStopBefore: stop, undoStopAfter: false },
    );
    // If another change has come, the selections belong to a text that we do not know.
    if (applied && editor.document.version === version + 1) {
      if (mustPutBack(before, editor.selections, changes)) {
        editor.selections = kept(before, changes).map(
          (s) =>
            new Selection(s.anchor.line, s.anchor.character, s.active.line, s.active.character),
        );
      }
    }
    return applied;
  }

  /** An undo or redo of our run takes all of its steps. */
  private changed(event: TextDocumentChangeEvent): void {
    const policy = this.policies.get(event.document.uri.toString());
    const follow = policy?.changed(toChanges(event.contentChanges), reasonOf(event));
    if (!policy || !follow) return;
    void (async () => {
      for (let i = 0; i < follow.times; i++) await commands.executeCommand(follow.command);
      policy.followed();
    })();
  }

  private policy(uri: string): UndoPolicy {
    const known = this.policies.get(uri);
    if (known) return known;
    const made = new UndoPolicy();
    this.policies.set(uri, made);
    return made;
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }
}

function reasonOf(event: TextDocumentChangeEvent): Reason {
  switch (event.reason) {
    case TextDocumentChangeReason.Undo:
      return "undo";
    case TextDocumentChangeReason.Redo:
      return "redo";
    case undefined:
      return undefined;
  }
}

/** URIs are compared as VS Code writes them; the server sends them back as it got them. */
function documentOf(uri: string): TextDocument | undefined {
  return workspace.textDocuments.find((document) => document.uri.toString() === uri);
}

/** An editor that shows the document: the one with the focus if it does. */
function editorOf(document: TextDocument): TextEditor | undefined {
  const active = window.activeTextEditor;
  if (active?.document === document) return active;
  return window.visibleTextEditors.find((editor) => editor.document === document);
}
