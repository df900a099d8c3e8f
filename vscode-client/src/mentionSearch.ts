/** Looks for what a mention could mean: selections, open files, files and symbols of the workspace. */

import {
  type CancellationToken,
  CancellationTokenSource,
  commands,
  type Disposable,
  type SymbolInformation,
  TabInputText,
  Uri,
  window,
  workspace,
} from "vscode";
import { fromRange } from "./convert.js";
import { asMention, type Candidate, withLines } from "./core/mentions.js";

/** Milliseconds without a key before the workspace is searched. */
const PAUSE = 120;
/** The most files that a search finds. */
const FILES = 200;

export class MentionSearch implements Disposable {
  /** Documents by when they were last shown, the latest first. */
  private recent: string[] = [];
  private current = new CancellationTokenSource();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listener: Disposable;

  constructor() {
    this.listener = window.onDidChangeActiveTextEditor((editor) => {
      if (!editor) return;
      const uri = editor.document.uri.toString();
      this.recent = [uri, ...this.recent.filter((one) => one !== uri)].slice(0, FILES);
    });
  }

  /**
   * Finds what `query` could mean, in an edit of `here`. `found` is called at once with what is open,
   * and again with all when more is known, until the next search or `stop`.
   */
  find(query: string, here: string | undefined, found: (all: Candidate[]) => void): void {
    this.stop();
    const { token } = this.current;
    let all = this.open(here);
    found(all);
    // Everything is too much to show; what is open is the best guess.
    if (query === "") return;
    const add = (more: Candidate[]): void => {
      if (token.isCancellationRequested || more.length === 0) return;
      all = [...all, ...more];
      found(all);
    };
    this.timer = setTimeout(() => {
      void filesWith(query, here, token).then(add);
      void symbolsWith(query).then(add);
    }, PAUSE);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.current.cancel();
    this.current.dispose();
    this.current = new CancellationTokenSource();
  }

  dispose(): void {
    this.stop();
    this.current.dispose();
    this.listener.dispose();
  }

  private open(here: string | undefined): Candidate[] {
    const selections = window.visibleTextEditors.flatMap(({ document, selection }): Candidate[] => {
      const path = pathOf(document.uri);
      if (path === undefined || selection.isEmpty || document.uri.toString() === here) return [];
      const text = withLines(path, fromRange(selection));
      return [{ text, kind: "selection", recency: -1, detail: "the selection" }];
    });
    const inputs = window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));
    const uris = inputs.flatMap((input) => (input instanceof TabInputText ? [input.uri] : []));
    const files = uris.flatMap((uri): Candidate[] => {
      const path = pathOf(uri);
      if (path === undefined || uri.toString() === here) return [];
      const place = this.recent.indexOf(uri.toString());
      const recency = place < 0 ? this.recent.length : place;
      return [{ text: path, kind: "file", recency, detail: "open" }];
    });
    return [...selections, ...files];
  }
}

/** How a file is mentioned, by its path from the workspace's folder; undefined for what is in none. */
function pathOf(uri: Uri): string | undefined {
  if (uri.scheme !== "file" || !workspace.getWorkspaceFolder(uri)) return undefined;
  return asMention(workspace.asRelativePath(uri, false));
}

async function filesWith(
  query: string,
  here: string | undefined,
  token: CancellationToken,
): Promise<Candidate[]> {
  const name = query.slice(query.lastIndexOf("/") + 1);
  // Between its letters there may be others; what is found is put in order later.
  const letters = Array.from(name, (letter) => `${eitherCase(letter)}*`).join("");
  const uris = await searched(`**/*${letters}`, token);
  return uris.flatMap((uri): Candidate[] => {
    const path = pathOf(uri);
    return path === undefined || uri.toString() === here ? [] : [{ text: path, kind: "file" }];
  });
}

async function searched(glob: string, token: CancellationToken): Promise<Uri[]> {
  try {
    return await workspace.findFiles(glob, excluded(), FILES, token);
  } catch {
    // VS Code could not search: what is open can still be mentioned.
    return [];
  }
}

/** A letter in a glob, in both cases. What means something in a glob may be any character. */
function eitherCase(letter: string): string {
  if (/[._-]/.test(letter)) return letter;
  if (!/[\p{L}\p{N}]/u.test(letter)) return "?";
  return `[${[...new Set([letter.toLowerCase(), letter.toUpperCase()])].join("")}]`;
}

/** What the user has left out of the search, as one glob. */
function excluded(): string | undefined {
  const set = workspace.getConfiguration("search").get<Record<string, unknown>>("exclude") ?? {};
  const globs = Object.keys(set).filter((glob) => set[glob] === true);
  return globs.length > 0 ? `{${globs.join(",")}}` : undefined;
}

async function symbolsWith(query: string): Promise<Candidate[]> {
  if (query.length < 2 || /[^\p{L}\p{N}_$]/u.test(query)) return [];
  try {
    const found = await commands.executeCommand<SymbolInformation[] | undefined>(
      "vscode.executeWorkspaceSymbolProvider",
      query,
    );
    return (found ?? []).flatMap(({ name, location }): Candidate[] => {
      const path = pathOf(location.uri);
      const plain = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(name)?.[0];
      if (path === undefined || plain === undefined) return [];
      return [{ text: plain, kind: "symbol", detail: path }];
    });
  } catch {
    // Another extension's provider has failed.
    return [];
  }
}
