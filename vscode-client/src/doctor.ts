/**
 * What `midstream doctor` says, in a document that can be read, searched and copied, and that asks for
 * no saving. The doctor gets the settings that the server gets, and for which profiles there is a
 * key, but no key.
 */

import { execFile } from "node:child_process";
import {
  type Disposable,
  EventEmitter,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from "vscode";
import type { App } from "./app.js";
import { WORDING, sharedSettings, userSettings } from "./client.js";

const SCHEME = "midstream-doctor";
const PLACE = Uri.from({ scheme: SCHEME, path: "Midstream Doctor" });

/** Milliseconds that the doctor may take: it looks at each profile. */
const PATIENCE = 60_000;

export class Doctor implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration: Disposable;
  private text = "";
  readonly onDidChange = this.changed.event;

  constructor(private readonly app: App) {
    this.registration = workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  /** `midstream.runDoctor`. */
  async run(): Promise<void> {
    this.say("The doctor is checking …\n");
    await window.showTextDocument(PLACE, { preview: true });
    this.say(await this.examine());
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  private say(text: string): void {
    this.text = text;
    this.changed.fire(PLACE);
  }

  private async examine(): Promise<string> {
    const server = this.app.client.serverCommand;
    if (!server) return this.app.client.sentence ?? "The server hasn't been found yet.\n";
    const folder = workspace.workspaceFolders?.find((f) => f.uri.scheme === "file");
    const told = JSON.stringify({
      initializationOptions: userSettings(),
      configuration: sharedSettings(),
      wording: WORDING,
      keys: Object.keys(await this.app.keys.all()),
      ...(workspace.isTrusted && folder ? { folder: folder.uri.fsPath } : {}),
    });
    const options = { env: server.env, cwd: server.cwd, timeout: PATIENCE, windowsHide: true };
    const words = [...server.args, "doctor", "--editor"];
    return new Promise((resolve) => {
      const doctor = execFile(server.command, words, options, (error, out, errors) => {
        // What it found wrong, it has said; anything else is said here.
        resolve(`${out}${errors}` || `${error?.message ?? "The doctor printed nothing."}\n`);
      });
      // One that has ended before it has read is told of above.
      doctor.stdin?.on("error", () => undefined);
      doctor.stdin?.end(told);
    });
  }
}
