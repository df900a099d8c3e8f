/**
 * What the extension knows while it runs: sessions, server, profile. One object, made when the
 * extension is activated; everything else works on it.
 */

import {
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  type LogOutputChannel,
  type TextEditor,
  commands,
  window,
  workspace,
} from "vscode";
import { EditApplier } from "./applyEdits.js";
import { canBeEdited, Client, cursor, inspector, startSettings, userSettings } from "./client.js";
import { toChanges } from "./convert.js";
import {
  COMMANDS,
  type ContextPiece,
  contextPieces,
  type EditAnswer,
  OPTIONAL_SESSION,
  type SessionState,
  type StatusAnswer,
} from "./core/protocol.js";
import { addsImports } from "./core/settings.js";
import { Throttle } from "./core/throttle.js";
import { busy, SessionStore, type Update } from "./core/store.js";
import { showWider } from "./core/words.js";
import { Decorations } from "./decorations.js";
import { Keys } from "./keys.js";
import { StatusBar } from "./statusBar.js";

/** The profile in the settings of the user, as far as it may be used here. */
function chosenProfile(): string | undefined {
  const chosen = userSettings()["profile"];
  return typeof chosen === "string" ? chosen : undefined;
}

/** Milliseconds until what a stream has changed is drawn, with all that comes meanwhile. */
const BEAT = 100;
/** The same for an edit with nothing to show yet: a quick model's first text goes before it. */
export const OPENING = 250;

/** Commands that send code to a model, or say what would be sent: they say which profile. */
const WITH_PROFILE: ReadonlySet<string> = new Set([
  COMMANDS.edit,
  COMMANDS.editComment,
  COMMANDS.redirect,
  COMMANDS.context,
]);

export class App implements Disposable {
  readonly store = new SessionStore();
  readonly decorations = new Decorations();
  readonly client: Client;
  readonly keys: Keys;
  private readonly applier = new EditApplier();
  private readonly statusBar = new StatusBar();
  private readonly updates = new EventEmitter<Update>();
  private readonly shifts = new EventEmitter<string>();
  private readonly draws = new EventEmitter<readonly string[]>();
  /** Documents whose sessions have changed since they were drawn. */
  private readonly undrawn = new Set<string>();
  private readonly throttle = new Throttle(
    () => {
      this.drawNow();
    },
    () => performance.now(),
    (work, milliseconds) => {
      const timer = setTimeout(work, milliseconds);
      return () => {
        clearTimeout(timer);
      };
    },
  );
  private readonly disposables: Disposable[] = [];
  private readonly practiceFiles = new Set<string>();
  private startedWith = "";
  /** The profile in the user's settings. */
  private chosen = chosenProfile();
  /** What was said of each session, by attempt: nothing is said twice. */
  private readonly said = new Map<string, Set<string>>();

  /** Something about a session has changed. */
  readonly onUpdate = this.updates.event;
  /** The ranges of the sessions of this document have moved. */
  readonly onShift = this.shifts.event;
  /** The sessions of these documents are drawn: what else tells of them is to be drawn too. */
  readonly onDraw = this.draws.event;
  /** What the server last said of itself: profiles, prompts. */
  status: StatusAnswer | undefined;

  constructor(
    readonly context: ExtensionContext,
    readonly log: LogOutputChannel,
  ) {
    this.keys = new Keys(context.secrets);
    this.client = new Client({
      context,
      log,
      applier: this.applier,
      keys: () => this.keys.all(),
      complete: (command, argument) => this.complete(command, argument),
      failed: (_command, sentence) => {
        this.tell(sentence);
      },
    });
    this.disposables.push(
      this.client.onSession((state) => {
        this.received(state);
      }),
      this.client.onHealth(() => {
        this.healthChanged();
      }),
      workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length === 0 || !canBeEdited(event.document)) return;
        const uri = event.document.uri.toString();
        const changes = toChanges(event.contentChanges);
        this.decorations.changed(event.document, changes);
        if (this.store.changed(uri, event.document.version, changes)) this.shifts.fire(uri);
      }),
      workspace.onDidCloseTextDocument((document) => {
        this.store.closed(document.uri.toString());
        this.practiceFiles.delete(document.uri.toString());
      }),
      window.onDidChangeVisibleTextEditors(() => {
        this.drawAll();
      }),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        const uri = textEditor.document.uri.toString();
        if (this.store.in(uri).length > 0) this.drawSoon(uri);
      }),
      window.onDidChangeActiveTextEditor(() => {
        this.refresh();
      }),
      window.onDidChangeTextEditorSelection((event) => {
        if (event.textEditor === window.activeTextEditor) this.refresh();
      }),
      workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration("midstream")) return;
        this.reconfigured();
      }),
      workspace.onDidGrantWorkspaceTrust(() => {
        this.reconfigured();
      }),
      this.keys.onDidChange(() => {
        void this.client.sendKeys();
      }),
    );
  }

  /**
   * The profile that the next edit uses: what the user has chosen last, also while the server,
   * which reads that at its start, still runs with another one.
   */
  get profile(): string {
    const told = this.status?.profile ?? "practice";
    // Where the workspace is not trusted, something is always chosen, and nothing else is used.
    if (!workspace.isTrusted) return this.chosen ?? "practice";
    const known = this.status?.profiles.some((profile) => profile.name === this.chosen) ?? true;
    return known ? (this.chosen ?? told) : told;
  }

  /** Whether every accept adds the imports that an edit offers. */
  get addsImports(): boolean {
    return addsImports(inspector(undefined), workspace.isTrusted);
  }

  /** The profile for an edit in this document. */
  profileFor(uri: string): string {
    return this.practiceFiles.has(uri) ? "practice" : this.profile;
  }

  /** This document is for practice: nothing of it is ever sent anywhere. */
  practiceIn(uri: string): void {
    this.practiceFiles.add(uri);
  }

  /** Start the server, or start it anew, with the settings as they are. */
  async restart(): Promise<void> {
    this.startedWith = startSettings();
    await this.client.restart();
  }

  /** A sentence for the user that is not about a running session. */
  tell(sentence: string): void {
    void window.showWarningMessage(sentence);
  }

  /** Run a command of the server for something the user did; a failure becomes a sentence. */
  async run<T>(command: string, argument: Record<string, unknown>): Promise<T | undefined> {
    try {
      return await this.client.run<T>(command, this.complete(command, argument));
    } catch (error) {
      this.tell(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Begin an edit. Throws an error whose message is a sentence. */
  async start(argument: Record<string, unknown>): Promise<EditAnswer> {
    const answer = await this.client.run<EditAnswer>(
      COMMANDS.edit,
      this.complete(COMMANDS.edit, argument),
    );
    this.done("hasEdited");
    return answer;
  }

  /** What an edit begun so would send. Throws an error where the server cannot say it. */
  async preview(argument: Record<string, unknown>): Promise<ContextPiece[]> {
    const full = this.complete(COMMANDS.context, argument);
    const answer = await this.client.run<{ context?: unknown } | null>(COMMANDS.context, full);
    return contextPieces(answer?.context);
  }

  /** An edit was redirected. */
  redirected(): void {
    this.done("hasRedirected");
  }

  /** The session that a key means: the one at the cursor, else the latest of the document. */
  meant(): SessionState | undefined {
    const here = cursor();
    return this.store.meant(here?.uri, here?.position);
  }

  /** Ask the server what it knows. Quietly: nobody waits for it. */
  async learn(): Promise<void> {
    try {
      this.status = await this.client.status();
      this.refresh();
    } catch {
      // The health says already that it does not run.
    }
  }

  editorsOf(uri: string): readonly TextEditor[] {
    return window.visibleTextEditors.filter((editor) => editor.document.uri.toString() === uri);
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
    this.throttle.stop();
    for (const one of [this.updates, this.shifts, this.draws]) one.dispose();
    for (const one of [this.applier, this.decorations, this.statusBar]) one.dispose();
    this.client.dispose();
  }

  // -- inside --

  /** What a key or the palette leaves out of a command. */
  private complete(command: string, argument: Record<string, unknown>): Record<string, unknown> {
    const full = { ...argument };
    if (OPTIONAL_SESSION.has(command) && full["session"] === undefined) {
      const meant = full["uri"] === undefined ? this.meant() : undefined;
      if (meant) full["session"] = meant.session;
    }
    if (WITH_PROFILE.has(command) && full["profile"] === undefined) {
      const named = full["session"];
      const session = typeof named === "string" ? this.store.get(named) : undefined;
      const uri = session?.uri ?? full["uri"];
      const profile = typeof uri === "string" ? this.profileFor(uri) : this.profile;
      // The server knows its own; a workspace that is not trusted is not left to it.
      if (profile !== this.status?.profile || !workspace.isTrusted) full["profile"] = profile;
    }
    return full;
  }

  private received(state: SessionState): void {
    if (!this.store.get(state.session) && state.phase !== "ended") this.applier.begin(state.uri);
    const update = this.store.received(state);
    const something = state.hunks.length > 0 || state.held !== undefined;
    this.drawSoon(state.uri, something ? BEAT : OPENING);
    this.updates.fire(update);
    // While it writes, the text itself goes first. What the user is to decide on is drawn at once.
    if (!busy(update.now.phase)) this.throttle.now();
    this.say(update.now);
    if (update.now.phase === "ended") {
      this.said.delete(update.now.session);
      this.reconfigured();
    }
  }

  /** What the server says of a session: once, and where the user looks. */
  private say(now: SessionState): void {
    const message = now.message;
    if (!message) return;
    const said = this.said.get(now.session) ?? new Set();
    const words = `${String(now.attempt)} ${message.text}`;
    if (said.has(words)) return;
    this.said.set(now.session, said.add(words));
    this.log.info(`${now.session}: ${message.text}`);
    if (message.level === "error") void window.showErrorMessage(message.text);
    else if (message.show) void this.offerToShow(now, message.text);
    else if (message.level === "warning") void window.showWarningMessage(message.text);
    else window.setStatusBarMessage(`$(info) ${message.text}`, 8000);
  }

  /** Text is held for long: showing it is one click away. */
  private async offerToShow(session: SessionState, sentence: string): Promise<void> {
    const named = { session: session.session };
    const show = "Show It";
    const scope = session.held?.scope;
    const wider = scope && showWider(scope);
    const chosen = await window.showInformationMessage(sentence, ...(wider ? [wider] : []), show);
    if (wider && chosen === wider) await this.run(COMMANDS.show, { ...named, scope });
    else if (chosen === show) await this.run(COMMANDS.show, named);
  }

  private healthChanged(): void {
    if (this.client.health !== "running") {
      const all = this.store.clear();
      if (all.length > 0) {
        this.tell("Midstream's server has stopped. Its changes stay in your files.");
      }
      for (const lost of all) {
        const { held: _held, ...rest } = lost;
        const now: SessionState = { ...rest, phase: "ended", outcome: "failed" };
        this.updates.fire({ now, before: lost });
        this.undrawn.add(lost.uri);
      }
      this.throttle.now();
    }
    if (this.client.health === "running") void this.learn();
    if (this.client.health === "failed") void this.offerHelp();
    this.refresh();
  }

  private async offerHelp(): Promise<void> {
    const [again, log, settings] = ["Try Again", "Show Log", "Open Settings"];
    const sentence = this.client.sentence ?? "Midstream's server isn't running.";
    const chosen = await window.showErrorMessage(sentence, again, log, settings);
    if (chosen === again) await this.restart();
    else if (chosen === log) this.log.show();
    else if (chosen === settings) {
      await commands.executeCommand("workbench.action.openSettings", "midstream.pythonPath");
    }
  }

  /** Where code goes is read by the server at its start only. No edit is cut for it. */
  private reconfigured(): void {
    this.chosen = chosenProfile();
    this.refresh();
    if (this.store.all.length > 0) void this.client.tellSettings();
    else if (this.startedWith !== startSettings()) void this.restart();
  }

  private drawAll(): void {
    for (const editor of window.visibleTextEditors) {
      this.decorations.draw(editor, this.store.in(editor.document.uri.toString()));
    }
  }

  /** The sessions of this document have changed, or what is in sight of it. */
  drawSoon(uri: string, milliseconds = BEAT): void {
    this.undrawn.add(uri);
    this.throttle.within(milliseconds);
  }

  private drawNow(): void {
    const uris = [...this.undrawn];
    this.undrawn.clear();
    for (const uri of uris) {
      for (const editor of this.editorsOf(uri)) this.decorations.draw(editor, this.store.in(uri));
    }
    this.refresh();
    this.draws.fire(uris);
  }

  /** Status bar and context keys, for where the cursor is now. */
  private refresh(): void {
    const here = cursor();
    const at = here && this.store.at(here.uri, here.position);
    const inFile = here ? this.store.in(here.uri) : [];
    const meant = this.meant();
    this.statusBar.show(this.client.health, this.profile, meant, this.client.sentence);
    this.setContext("live", this.store.all.length > 0);
    this.setContext("liveHere", inFile.length > 0);
    this.setContext(
      "busyHere",
      (at ? [at] : inFile).some((s) => busy(s.phase)),
    );
    this.setContext(
      "reviewHere",
      inFile.some((s) => s.phase === "review" && s.hunks.length > 0),
    );
  }

  /** A step of the walkthrough was taken. */
  private done(step: string): void {
    this.setContext(step, true);
  }

  private readonly contexts = new Map<string, boolean>();

  /** Set a context key when it changes: each costs a message to the window. */
  private setContext(name: string, value: boolean): void {
    if (this.contexts.get(name) === value) return;
    this.contexts.set(name, value);
    void commands.executeCommand("setContext", `midstream.${name}`, value);
  }
}
