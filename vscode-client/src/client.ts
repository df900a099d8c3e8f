/**
 * The conversation with the server: starting, stopping, asking. Nobody else talks to the language
 * client.
 */

import {
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  type LogOutputChannel,
  type TextDocument,
  Uri,
  window,
  workspace,
} from "vscode";
import {
  CancellationToken,
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type MessageTransports,
  RevealOutputChannelOn,
  type ServerOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import type { EditApplier } from "./applyEdits.js";
import {
  COMMANDS,
  KEYS_REQUEST,
  type Position,
  SESSION_NOTIFICATION,
  type SessionState,
  sessionState,
  type StatusAnswer,
} from "./core/protocol.js";
import { type Inspect, ofEither, ofUser } from "./core/settings.js";
import { untrusted } from "./core/trust.js";
import type { Health } from "./core/words.js";
import { fromPosition } from "./convert.js";
import { NoServerError } from "./python.js";
import { LogRedaction } from "./logRedaction.js";
import { locateServer, type ServerCommand } from "./server.js";

/** Restarts after a crash, and the milliseconds in which they count. */
const RESTARTS = 3;
const RESTARTS_IN = 180_000;

/** What can be edited: files of a file system, and documents that are not saved yet. */
export const SELECTOR = [{ scheme: "file" }, { scheme: "untitled" }];

/** Whether the server knows this document. */
export function canBeEdited(document: TextDocument): boolean {
  return SELECTOR.some(({ scheme }) => scheme === document.uri.scheme);
}

/** What the client needs from the rest of the extension. */
export interface Surroundings {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly applier: EditApplier;
  /** The keys of profiles that the user has entered, by profile. */
  keys(): Promise<Record<string, string>>;
  /** Fills in what a command of the server leaves out when a key or the palette calls it. */
  complete(command: string, argument: Record<string, unknown>): Record<string, unknown>;
  /** A command of the server that a menu, lens or key called has failed. */
  failed(command: string, sentence: string): void;
}

/** A language client that can log every message, and knows no key. */
class RedactingClient extends LanguageClient {
  constructor(
    readonly redaction: LogRedaction,
    server: ServerOptions,
    options: LanguageClientOptions,
  ) {
    super("midstream", "Midstream", server, options);
    // Whole messages, in a format that only a key which is no setting of ours would ask for.
    Object.assign(this, { traceObject: () => undefined });
  }

  protected override async createMessageTransports(encoding: string): Promise<MessageTransports> {
    const transports = await super.createMessageTransports(encoding);
    return { ...transports, writer: this.redaction.revealing(transports.writer) };
  }

  /** The library would also hear a workspace that sets `midstream.trace.server.verbosity`. */
  override trace(message: string, data?: unknown): void {
    const wanted = workspace.getConfiguration("midstream").inspect("trace.server")?.globalValue;
    super.trace(message, wanted === "verbose" ? data : undefined);
  }
}

export class Client implements Disposable {
  private client: RedactingClient | undefined;
  private restarts: number[] = [];
  private queue: Promise<void> = Promise.resolve();
  private state: Health = "stopped";
  private command: ServerCommand | undefined;
  /** The profiles whose keys the server has in its memory. */
  private handed: ReadonlySet<string> = new Set();
  private readonly sessions = new EventEmitter<SessionState>();
  private readonly healths = new EventEmitter<Health>();

  /** Why it does not run, as a sentence. */
  sentence: string | undefined;
  readonly onSession = this.sessions.event;
  readonly onHealth = this.healths.event;

  constructor(private readonly around: Surroundings) {}

  get health(): Health {
    return this.state;
  }

  /** The command that runs the server, once it was found. */
  get serverCommand(): ServerCommand | undefined {
    return this.command;
  }

  /** Start the server, or start it anew. One at a time; never throws. */
  restart(): Promise<void> {
    this.queue = this.queue.then(() => this.stopNow()).then(() => this.startNow());
    return this.queue;
  }

  stop(): Promise<void> {
    this.queue = this.queue.then(() => this.stopNow());
    return this.queue;
  }

  /** Run a command of the server. Throws an error whose message is a sentence for the user. */
  async run<T>(command: string, argument: object): Promise<T> {
    const client = await this.ready();
    return client.sendRequest("workspace/executeCommand", { command, arguments: [argument] });
  }

  status(): Promise<StatusAnswer> {
    return this.run<StatusAnswer>(COMMANDS.status, {});
  }

  /** Hand the keys over. They go nowhere but into the server's memory, and what is gone goes there too. */
  async sendKeys(): Promise<void> {
    const keys = await this.around.keys();
    const client = this.client;
    if (!client) return;
    const gone = [...this.handed].filter((name) => !Object.hasOwn(keys, name));
    this.handed = new Set(Object.keys(keys));
    const told = { ...keys, ...Object.fromEntries(gone.map((name) => [name, ""])) };
    if (Object.keys(told).length === 0) return;
    await client.sendRequest(KEYS_REQUEST, client.redaction.hide(told));
  }

  /** The settings have changed: hand over those that need no new start. */
  async tellSettings(): Promise<void> {
    if (!this.client || this.state !== "running") return;
    const settings = { midstream: sharedSettings() };
    await this.client.sendNotification("workspace/didChangeConfiguration", { settings });
  }

  dispose(): void {
    this.sessions.dispose();
    this.healths.dispose();
  }

  // -- inside --

  private async ready(): Promise<LanguageClient> {
    await this.queue;
    if (!this.client || this.state !== "running") {
      throw new Error(this.sentence ?? "Midstream's server isn't running.");
    }
    return this.client;
  }

  private became(state: Health, sentence?: string): void {
    this.state = state;
    this.sentence = sentence;
    this.healths.fire(state);
  }

  private async startNow(): Promise<void> {
    this.became("starting");
    try {
      this.command = await locateServer(this.around.context);
      const client = this.make(this.command);
      this.client = client;
      this.handed = new Set();
      await client.start();
      await this.sendKeys();
      this.became("running");
    } catch (error) {
      this.around.log.error(error instanceof Error ? error : String(error));
      await this.stopNow();
      const known = error instanceof NoServerError;
      const sentence = known ? error.message : "Midstream's server didn't start. The log says why.";
      this.became("failed", sentence);
    }
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    this.became("stopped");
    try {
      await client.stop();
      await client.dispose();
    } catch (error) {
      // It never came up, or is gone already: that is what was wanted.
      this.around.log.info(`Stopping the server: ${String(error)}`);
    }
  }

  private make({ command, args, serve, env, cwd }: ServerCommand): RedactingClient {
    const server: ServerOptions = { command, args: [...args, ...serve], options: { env, cwd } };
    const redaction = new LogRedaction();
    const client = new RedactingClient(redaction, server, this.options(redaction));
    client.registerFeature(EXPERIMENTAL);
    client.onNotification(SESSION_NOTIFICATION, (body: unknown) => {
      const state = sessionState(body);
      if (state) this.sessions.fire({ ...state, uri: asVsCodeWrites(state.uri) });
      else this.around.log.warn("The server sent a message about an unknown session.");
    });
    return client;
  }

  private options(redaction: LogRedaction): LanguageClientOptions {
    const { around } = this;
    const { applier, log } = around;
    return {
      documentSelector: SELECTOR,
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // A profile has no key in it, but its address may be one that nobody else is to know.
      initializationOptions: () => redaction.hide(userSettings()),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.crashed(),
      },
      middleware: {
        // Not by `next`, which would show the error's code beside the sentence.
        executeCommand: async (command, args) => {
          const given: unknown = args[0];
          const argument = typeof given === "object" && given !== null ? given : {};
          try {
            return await this.run(command, around.complete(command, { ...argument }));
          } catch (error) {
            around.failed(command, error instanceof Error ? error.message : String(error));
            return undefined;
          }
        },
        // The extension draws its own, from the same facts: they also redirect and compare.
        provideCodeLenses: () => [],
        workspace: {
          handleApplyEdit: (params, next) =>
            applier.apply(params, async (p) => {
              const answer = await next(p, CancellationToken.None);
              return "applied" in answer ? answer : { applied: false };
            }),
          configuration: (params) => params.items.map((item) => sharedSettings(item.scopeUri)),
        },
      },
    };
  }

  /** The server has ended by itself: a few times it is started anew. */
  private crashed(): CloseHandlerResult {
    // While it starts, whoever starts it sees to that.
    if (this.state !== "running") return { action: CloseAction.DoNotRestart, handled: true };
    const now = Date.now();
    this.restarts = [...this.restarts.filter((at) => now - at < RESTARTS_IN), now];
    if (this.restarts.length <= RESTARTS) {
      void this.restart();
    } else {
      this.client = undefined;
      this.became("failed", "The server stopped several times in a row. The log says why.");
    }
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}

/** How the server names what the user can do: by the titles of our commands and buttons. */
export const WORDING = "vscode";

/** What this client can do beyond the LSP, and what it does not want, since it shows that itself. */
const EXPERIMENTAL: StaticFeature = {
  fillClientCapabilities(capabilities) {
    // Each of these would come ten times a second and more while a model writes.
    capabilities.window = { ...capabilities.window, workDoneProgress: false };
    capabilities.workspace = { ...capabilities.workspace, codeLens: { refreshSupport: false } };
    const experimental = (capabilities.experimental ?? {}) as Record<string, unknown>;
    const midstream = { session: true, prompt: true, wording: WORDING };
    capabilities.experimental = { ...experimental, midstream };
  },
  initialize() {
    // Nothing of the server's answer is needed.
  },
  getState: () => ({ kind: "static" }),
  clear() {
    // Nothing was registered.
  },
};

/** `initializationOptions`: what of the user's may be used here, and whether the workspace is trusted. */
export function userSettings(): Record<string, unknown> {
  const { isTrusted: trusted } = workspace;
  const options = ofUser(inspector(undefined));
  return { ...(trusted ? options : untrusted(options)), trusted };
}

/** All settings that the server is started with. When they change, it is started anew. */
export function startSettings(): string {
  const { pythonPath, serverCommand } = workspace.getConfiguration("midstream");
  const folders = workspace.workspaceFolders?.map((folder) => folder.uri.toString());
  const all = [userSettings(), sharedSettings(), pythonPath, serverCommand, folders];
  return JSON.stringify(all);
}

/** What a workspace may set, as it is now. */
export function sharedSettings(scope?: string): Record<string, unknown> {
  const [first, ...others] = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const resource = scope === undefined ? first : Uri.parse(scope);
  return ofEither(inspector(resource), workspace.isTrusted, others.map(inspector));
}

/** The settings as they are set for a file, or for none. */
export function inspector(resource: Uri | undefined): Inspect {
  const settings = workspace.getConfiguration("midstream", resource ?? null);
  return (key) => settings.inspect(key);
}

/** The same URI as `document.uri.toString()` writes it, so that the two can be compared. */
function asVsCodeWrites(uri: string): string {
  return Uri.parse(uri).toString();
}

/** Where the cursor is, for commands that mean the session there. */
export function cursor(): { uri: string; position: Position } | undefined {
  const editor = window.activeTextEditor;
  if (!editor) return undefined;
  return {
    uri: editor.document.uri.toString(),
    position: fromPosition(editor.selection.active),
  };
}
