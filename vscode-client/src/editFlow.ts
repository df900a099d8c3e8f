/**
 * asking for an edit and redirecting it: what the line at the top does. One line at a time; the edits
 * of several cursors are redirected together.
 */

import {
  type Disposable,
  type TextDocument,
  type TextEditor,
  Uri,
  ViewColumn,
  window,
  workspace,
} from "vscode";
import { type App, OPENING } from "./app.js";
import { fromRange, toChanges } from "./convert.js";
import { offeredImports } from "./core/hunks.js";
import { type Candidate, completed, ranked, typing } from "./core/mentions.js";
import { InputHistory } from "./core/history.js";
import {
  COMMANDS,
  type EditAnswer,
  type Range,
  type ScopeAnswer,
  type SessionState,
} from "./core/protocol.js";
import { busy } from "./core/store.js";
import { joined, moved, levelOf, step, type Target, target } from "./core/targets.js";
import { acceptances, plural, sessionLine } from "./core/words.js";
import { EditContext } from "./editContext.js";
import { type Choice, Input, type InputOwner, type Look } from "./input.js";
import { whyNotEditable } from "./editable.js";
import { MentionSearch } from "./mentionSearch.js";
import { switchProfile } from "./profiles.js";

const HISTORY = "midstream.history";

/** What `midstream.promptEdit` may be called with: by the server's code actions, or by a lens. */
export interface PromptArgument {
  readonly uri?: string;
  readonly range?: Range;
  readonly session?: string;
  /** Put into the line, for the user to go on from. */
  readonly instruction?: string;
  /**
   * The editor is read-only. Extensions are not told that, whether by a setting, for this session
   * or by the file system; but a key and a menu can depend on it.
   */
  readonly readOnly?: boolean;
}

export class EditFlow implements Disposable, InputOwner {
  private readonly history: InputHistory;
  private readonly input: Input;
  private readonly disposables: Disposable[] = [];
  /** While it asks: where. */
  private editor: TextEditor | undefined;
  private targets: readonly Target[] = [];
  /** Where it is marked what would be edited. */
  private marked: TextDocument | undefined;
  /** Levels that the user has gone before the server has said which there are. */
  private early = 0;
  /** While it redirects: which sessions, and the levels of each where they are known. */
  private redirected: readonly string[] = [];
  private readonly ladders = new Map<string, Target>();
  /** The line belongs to edits that are about to begin. */
  private beginning = false;
  /** Escape came before they had begun. */
  private abandoned = false;
  /** What a new edit would send of other files. */
  private readonly planned: EditContext;
  private readonly search = new MentionSearch();
  /** What the mention that is being typed could mean. */
  private suggestions: readonly Choice[] = [];
  /** Done when the targets are known. */
  private aiming: Promise<void> = Promise.resolve();

  constructor(private readonly app: App) {
    this.history = new InputHistory(app.context.globalState.get<string[]>(HISTORY, []));
    this.input = new Input(this, this.history);
    void this.input.learn();
    this.planned = new EditContext(app);
    this.disposables.push(
      this.input,
      this.planned,
      this.search,
      this.planned.onChange(() => {
        this.showAgain();
      }),
      app.onUpdate(({ now }) => {
        if (now.phase === "ended") this.forget(now.session);
      }),
      app.onDraw(() => {
        this.unmark();
        this.showRedirect();
      }),
      workspace.onDidChangeTextDocument((event) => {
        if (event.document !== this.editor?.document || this.targets.length === 0) return;
        const changes = toChanges(event.contentChanges);
        this.targets = this.targets.map((one) => moved(one, changes));
      }),
    );
  }

  /** `midstream.promptEdit`: ask for an edit here, or redirect the one that runs here. */
  async prompt(argument: PromptArgument = {}): Promise<void> {
    const readOnly = argument.readOnly === true;
    const session = argument.session ?? (argument.uri === undefined ? this.here() : undefined);
    if (session !== undefined && !readOnly) {
      this.redirect([session], argument.instruction);
      return;
    }
    const editor = await this.editorFor(argument.uri);
    if (!editor) {
      this.app.tell("Open a file and select some code first.");
      return;
    }
    const why = await whyNotEditable(editor.document, readOnly);
    if (why !== undefined) {
      this.app.tell(why);
      return;
    }
    const ranges = argument.range ? [argument.range] : editor.selections.map(fromRange);
    await this.ask(editor, ranges, argument.instruction ?? "");
  }

  /** Open the line for sessions that live. */
  redirect(sessions: readonly string[], instruction = ""): void {
    this.stopAsking();
    this.redirected = sessions.filter((id) => this.app.store.get(id) !== undefined);
    if (this.redirected.length === 0) {
      this.app.tell("This edit has ended. Select some code and start a new one.");
      return;
    }
    this.showRedirect();
    this.input.focus();
    if (instruction !== "") this.input.value = instruction;
  }

  // -- what the line tells --

  typed(text: string): void {
    const at = typing(text);
    if (at) {
      const here = this.editor?.document.uri.toString() ?? this.live()[0]?.uri;
      this.search.find(at.query, here, (all) => {
        this.suggest(ranked(at.query, all).map((one) => suggestion(one, completed(text, at, one))));
      });
    } else {
      this.search.stop();
      this.suggest([]);
    }
    this.plan();
  }

  given(instruction: string): void {
    void this.app.context.globalState.update(HISTORY, this.history.all);
    if (this.redirected.length > 0) void this.sendRedirect(instruction);
    else void this.begin(instruction);
  }

  /** `imports`: whether those that the edits offer are added; else the setting decides. */
  accepted(imports?: boolean): void {
    const more = imports === undefined ? {} : { imports };
    for (const { session } of this.live()) void this.app.run(COMMANDS.accept, { session, ...more });
  }

  escaped(): void {
    const running = this.live().filter((session) => busy(session.phase));
    for (const { session } of running) void this.app.run(COMMANDS.cancel, { session });
    this.abandoned = this.beginning;
    this.input.close();
    this.closed();
  }

  /** Something else is about to be shown at the top. */
  leave(): void {
    this.input.leave();
  }

  closed(): void {
    this.stopAsking();
    this.redirected = [];
  }

  profileWanted(): void {
    void this.input
      .during(() => switchProfile(this.app))
      .then(() => {
        if (this.editor) this.showAsking();
        else this.showRedirect();
      });
  }

  /** Widen or narrow the scope: before the edit, or of the one that runs. */
  stepped(by: 1 | -1): void {
    if (this.targets.length > 0) {
      this.targets = this.targets.map((one) => step(one, by));
      this.showAsking();
    } else if (this.editor) {
      this.early += by;
    } else {
      void this.rescope(by);
    }
  }

  /** The mention that is being typed is completed. */
  completed(): void {
    this.input.complete();
  }

  /** Show what the edit would send, and come back to the code that is edited. */
  contextWanted(): void {
    if (!this.editor) return;
    void this.input.during(() => this.planned.list()).then(() => this.backToCode());
  }

  older(): void {
    this.input.older();
  }

  newer(): void {
    this.input.newer();
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }

  // -- asking --

  private async ask(editor: TextEditor, ranges: readonly Range[], text: string): Promise<void> {
    this.closed();
    this.editor = editor;
    this.early = 0;
    const uri = editor.document.uri.toString();
    // The line opens at once; what would be edited is shown when the server has said it.
    this.input.show(this.askingLook());
    if (text !== "") this.input.value = text;
    this.input.focus();
    void this.app.learn().then(() => {
      if (this.editor === editor && this.redirected.length === 0)
        this.input.show(this.askingLook());
    });
    this.aiming = this.aim(editor, uri, ranges);
    await this.aiming;
  }

  /** Find out what would be edited, and show it. */
  private async aim(editor: TextEditor, uri: string, ranges: readonly Range[]): Promise<void> {
    try {
      const targets = await this.targetsFor(uri, ranges);
      if (this.editor !== editor || !this.input.open) return;
      this.targets = targets.map((one) => climb(one, this.early));
      this.showAsking();
    } catch (error) {
      if (this.editor !== editor) return;
      this.input.close();
      this.closed();
      this.app.tell(error instanceof Error ? error.message : String(error));
    }
  }

  private async targetsFor(uri: string, ranges: readonly Range[]): Promise<Target[]> {
    const found = await Promise.all(
      ranges.map(async (range) =>
        target(range, await this.app.client.run<ScopeAnswer>(COMMANDS.scope, { uri, range })),
      ),
    );
    const fewer = joined(found);
    return fewer ? this.targetsFor(uri, fewer) : found;
  }

  private async begin(instruction: string): Promise<void> {
    const editor = this.editor;
    if (!editor || this.beginning) return;
    const uri = editor.document.uri.toString();
    this.beginning = true;
    this.abandoned = false;
    try {
      // Whoever is faster than the server gets the scope that they have chosen all the same.
      await this.aiming;
      const places = this.targets;
      const { leaveOut } = this.planned;
      const less = leaveOut.length > 0 ? { leaveOut } : {};
      const answers = await Promise.allSettled(
        places.map((place) => {
          const scope = levelOf(place);
          return this.app.start({ uri, range: place.selection, scope, instruction, ...less });
        }),
      );
      this.begun(answers, places, instruction);
    } finally {
      this.beginning = false;
    }
  }

  private begun(
    answers: readonly PromiseSettledResult<EditAnswer>[],
    places: readonly Target[],
    instruction: string,
  ): void {
    const begun: string[] = [];
    for (const [i, answer] of answers.entries()) {
      if (answer.status === "fulfilled") {
        begun.push(answer.value.session);
        const place = places[i];
        if (place) this.ladders.set(answer.value.session, place);
      } else {
        const reason: unknown = answer.reason;
        this.app.tell(reason instanceof Error ? reason.message : String(reason));
      }
    }
    if (this.abandoned) {
      for (const session of begun) void this.app.run(COMMANDS.cancel, { session });
      return;
    }
    if (begun.length === 0) {
      // Nothing has begun: the user must not have to type it again.
      if (this.input.open) this.input.value = instruction;
      return;
    }
    if (!this.input.open) return;
    // What was asked stays marked until the edits themselves are drawn.
    const uri = this.editor?.document.uri.toString();
    this.editor = undefined;
    this.targets = [];
    this.planned.reset();
    this.redirected = begun;
    this.showRedirect();
    if (uri !== undefined) this.app.drawSoon(uri, OPENING);
  }

  private showAsking(): void {
    if (!this.editor || !this.input.open) return;
    const ranges = this.targets.map((one) => one.scope.range);
    this.marked = this.editor.document;
    for (const editor of this.app.editorsOf(this.editor.document.uri.toString())) {
      this.app.decorations.ask(editor, ranges);
    }
    this.plan();
    this.input.show(this.askingLook());
  }

  /** The line as it is, with what else can be picked now. */
  private showAgain(): void {
    if (!this.input.open) return;
    if (this.editor) this.input.show(this.askingLook());
    else this.showRedirect();
  }

  private suggest(suggestions: readonly Choice[]): void {
    if (this.suggestions.length === 0 && suggestions.length === 0) return;
    this.suggestions = suggestions;
    this.showAgain();
  }

  /** What is asked for, or where, may have changed: find out what that would send. */
  private plan(): void {
    if (!this.editor || this.targets.length === 0) return;
    const uri = this.editor.document.uri.toString();
    this.planned.plan({
      uri,
      places: this.targets.map((one) => ({ range: one.selection, scope: levelOf(one) })),
      instruction: this.input.value,
      profile: this.app.profileFor(uri),
    });
  }

  /** Looking at other files has replaced the code that is to be edited. */
  private async backToCode(): Promise<void> {
    const editor = this.editor;
    if (!editor || !this.input.open) return;
    if (window.activeTextEditor?.document !== editor.document) {
      const shown = await window.showTextDocument(editor.document, {
        viewColumn: editor.viewColumn ?? ViewColumn.Active,
        preserveFocus: true,
        selection: editor.selection,
      });
      if (this.editor === editor) this.editor = shown;
    }
    this.showAsking();
  }

  private stopAsking(): void {
    this.editor = undefined;
    this.targets = [];
    this.planned.reset();
    this.search.stop();
    this.suggestions = [];
    this.unmark();
  }

  /** Take away the marks of a question that is over. */
  private unmark(): void {
    if (!this.marked || this.editor) return;
    for (const editor of this.app.editorsOf(this.marked.uri.toString())) {
      this.app.decorations.ask(editor, []);
    }
    this.marked = undefined;
  }

  private askingLook(): Look {
    const profile = this.app.profileFor(this.editor?.document.uri.toString() ?? "");
    return {
      mode: "ask",
      title: `Edit ${this.scopeWords()} with ${profile}`,
      placeholder: "What should change? For example: add type hints",
      choices: [...this.suggestions, ...this.prompts(), ...this.contextRow()],
      profile,
    };
  }

  // -- redirecting --

  private live(): SessionState[] {
    return this.redirected.flatMap((id) => this.app.store.get(id) ?? []);
  }

  private showRedirect(): void {
    const live = this.live();
    const [first] = live;
    if (!first) return;
    const running = live.find((session) => busy(session.phase));
    const shown = running ?? first;
    const more = live.length > 1 ? ` · ${plural(live.length, "edit")}` : "";
    this.input.show({
      mode: running ? "redirect" : "review",
      title: `${sessionLine(shown)}${more}`,
      placeholder: running ? "Type to redirect it, then Enter" : "Type a follow-up",
      choices: [
        ...this.suggestions,
        ...(running ? [] : reviewChoices(shown, live, this.app.addsImports)),
      ],
      profile: this.app.profileFor(shown.uri),
    });
  }

  private forget(session: string): void {
    this.ladders.delete(session);
    if (!this.redirected.includes(session)) return;
    this.redirected = this.redirected.filter((id) => id !== session);
    if (this.redirected.length > 0) this.showRedirect();
    else this.input.close();
  }

  private async sendRedirect(instruction: string): Promise<void> {
    const sessions = this.redirected;
    const answers = await Promise.all(
      sessions.map((session) => this.app.run(COMMANDS.redirect, { session, instruction })),
    );
    if (answers.every((answer) => answer === undefined) && this.input.open) {
      this.input.value = instruction;
    } else {
      this.app.redirected();
    }
  }

  /** Another level for edits that run: a redirect with the same words. */
  private async rescope(by: 1 | -1): Promise<void> {
    const meant = this.redirected.length > 0 ? this.live() : [this.app.meant()];
    for (const session of meant) {
      if (!session) continue;
      const known = this.ladders.get(session.session) ?? (await this.ladderOf(session));
      const next = step(known, by);
      if (next.level === known.level) continue;
      if (levelOf(next) === "smallest") {
        // Where it was begun is on no level with a name, by which an edit that runs could be told.
        this.app.tell("You can't narrow this edit further. Revert it and start a new one.");
        continue;
      }
      this.ladders.set(session.session, next);
      await this.app.run(COMMANDS.redirect, {
        session: session.session,
        instruction: session.instruction,
        scope: levelOf(next),
      });
    }
  }

  private async ladderOf(session: SessionState): Promise<Target> {
    const range = session.scope.range;
    const argument = { uri: session.uri, range };
    return target(range, await this.app.client.run<ScopeAnswer>(COMMANDS.scope, argument));
  }

  // -- shared --

  /** The live session that the cursor is in; with several cursors none. */
  private here(): string | undefined {
    const editor = window.activeTextEditor;
    if (!editor || editor.selections.length > 1) return undefined;
    const { start, end } = fromRange(editor.selection);
    const uri = editor.document.uri.toString();
    const at = this.app.store.at(uri, start);
    return at && this.app.store.at(uri, end) === at ? at.session : undefined;
  }

  private async editorFor(uri: string | undefined): Promise<TextEditor | undefined> {
    const active = window.activeTextEditor;
    if (uri === undefined || active?.document.uri.toString() === uri) return active;
    return this.app.editorsOf(uri)[0] ?? (await window.showTextDocument(Uri.parse(uri)));
  }

  /** "function definition (7 lines)", "the class (30 lines)", "3 places". */
  private scopeWords(): string {
    const [first] = this.targets;
    if (!first) return "the selection";
    if (this.targets.length > 1) return `${String(this.targets.length)} places`;
    const { start, end } = first.scope.range;
    const level = levelOf(first);
    const kind = first.scope.kind.replaceAll("_", " ");
    const what = first.level === first.chosen && kind !== "" ? kind : `the ${level}`;
    return `${what} (${plural(end.line - start.line + 1, "line")})`;
  }

  /** "+3 files": the last row, which opens the list of what would be sent. */
  private contextRow(): Choice[] {
    const { label, tokens } = this.planned;
    if (label === undefined) return [];
    return [
      {
        label,
        icon: "files",
        command: "midstream.input.context",
        always: true,
        ...(tokens > 0 ? { detail: plural(tokens, "token") } : {}),
      },
    ];
  }

  private prompts(): Choice[] {
    return Object.entries(this.app.status?.prompts ?? {}).map(([label, instruction]) => ({
      label,
      detail: instruction,
      icon: "lightbulb",
      instruction,
    }));
  }
}

const ICONS = { selection: "list-selection", file: "file", symbol: "symbol-method" } as const;

function suggestion({ text, kind, detail }: Candidate, completion: string): Choice {
  return {
    label: `#${text}`,
    ...(detail === undefined ? {} : { detail }),
    icon: ICONS[kind],
    completion,
    always: true,
  };
}

function climb(one: Target, levels: number): Target {
  let now = one;
  for (let i = 0; i < Math.abs(levels); i++) now = step(now, levels > 0 ? 1 : -1);
  return now;
}

function reviewChoices(
  session: SessionState,
  live: readonly SessionState[],
  addsImports: boolean,
): Choice[] {
  const imports = live.flatMap((one) => offeredImports(one.hunks)).length;
  const ways = acceptances(imports, addsImports);
  const choices: Choice[] = [
    ...ways.map((way) => ({
      label: way.title,
      // The key is the last of the ways.
      detail: way === ways.at(-1) ? "Ctrl+Enter" : way.tooltip,
      icon: "check",
      command: "midstream.input.accept",
      argument: { imports: way.imports },
    })),
    { label: "Revert", icon: "discard", command: "midstream.revert" },
    { label: "Compare with the original", icon: "diff", command: "midstream.diff" },
  ];
  if (session.attempt > 1) {
    choices.push({
      label: "Go to an earlier attempt…",
      icon: "history",
      command: "midstream.walkAttempts",
    });
  }
  return choices;
}
