/**
 * The line at the top: it asks for an instruction, and stays open as the input while the
 * edit streams. It knows what is typed and picked; what that does, its owner knows.
 *
 * VS Code's quick input does not say why it was hidden, so that is Escape unless it was said before
 * that something else is about to be shown. Up to 1.99 at least it also keeps Enter for itself, with
 * whatever is held down: no key binding gets it. There an empty Enter stands for Ctrl+Enter. Newer
 * ones have a command for Enter, which can be told from Ctrl+Enter: there an empty Enter does nothing.
 */

import {
  type Disposable,
  type QuickInputButton,
  type QuickPick,
  type QuickPickItem,
  QuickPickItemKind,
  ThemeIcon,
  commands,
  window,
} from "vscode";
import type { InputHistory } from "./core/history.js";

/** What the line is for. `ask`: a new edit. `redirect`: edits that run. `review`: edits to decide. */
export type Mode = "ask" | "redirect" | "review";

/** Something to be picked, beside what is typed. */
export interface Choice {
  readonly label: string;
  readonly detail?: string;
  readonly icon?: string;
  /** What picking it does: gives this instruction, or runs this command. */
  readonly instruction?: string;
  readonly command?: string;
  /** The command's argument. */
  readonly argument?: object;
  /** What picking it makes of the text that is typed; the line stays open. */
  readonly completion?: string;
  /** It is shown whatever is typed. */
  readonly always?: boolean;
}

export interface Look {
  readonly mode: Mode;
  readonly title: string;
  readonly placeholder: string;
  readonly choices: readonly Choice[];
  readonly profile: string;
}

export interface InputOwner {
  /** The text in the line is another one. */
  typed(text: string): void;
  given(instruction: string): void;
  /** Enter, or Ctrl+Enter, with nothing typed. */
  accepted(): void;
  /** The line was closed by Escape. */
  escaped(): void;
  /** The line has made way for another quick input. */
  closed(): void;
  profileWanted(): void;
  stepped(by: 1 | -1): void;
}

interface Item extends QuickPickItem {
  readonly choice?: Choice;
}

/** VS Code's own command for Enter, where keys with Enter are bound to commands at all. */
const BOUND_ENTER = "quickInput.accept";

/** Milliseconds within which an Enter is taken for a part of the one before. */
const DOUBLE = 700;

const WIDEN: QuickInputButton = {
  iconPath: new ThemeIcon("unfold"),
  tooltip: "Widen the scope (Alt+Up)",
};
const NARROW: QuickInputButton = {
  iconPath: new ThemeIcon("fold"),
  tooltip: "Narrow the scope (Alt+Down)",
};

export class Input implements Disposable {
  private pick: QuickPick<Item> | undefined;
  private look: Look | undefined;
  private profileButton: QuickInputButton | undefined;
  /** Hidden to be shown at once. */
  private returning = false;
  /** Made, and not asked for the focus since. */
  private fresh = false;
  /** Hidden for a moment by a pick of our own. */
  private suspended = false;
  /** Something else is about to be shown in its place. */
  private leaving = false;
  /** The value for which the items were made. */
  private rendered: string | undefined;
  /** When Enter came last, in milliseconds. */
  private enterAt = 0;
  /** The context keys as they are set: each costs a message to the window. */
  private contexts = { asking: false, redirecting: false, completing: false };
  /** The text of which the owner was told last. */
  private told = "";
  /** Whether Ctrl+Enter comes as a command, so that it is no Enter. */
  private bound = false;

  constructor(
    private readonly owner: InputOwner,
    private readonly history: InputHistory,
  ) {}

  /** Find out what VS Code does with Enter. */
  async learn(): Promise<void> {
    this.bound = (await commands.getCommands(false)).includes(BOUND_ENTER);
  }

  get open(): boolean {
    return this.pick !== undefined;
  }

  get value(): string {
    return this.pick?.value ?? "";
  }

  set value(text: string) {
    if (this.pick) this.pick.value = text;
    this.renew();
  }

  /** Open the line, or change what an open one looks like. */
  show(look: Look): void {
    const before = this.look;
    this.look = look;
    const pick = (this.pick ??= this.make());
    if (before?.title !== look.title) pick.title = look.title;
    if (before?.placeholder !== look.placeholder) pick.placeholder = look.placeholder;
    if (before?.mode !== look.mode) pick.busy = look.mode === "redirect";
    if (before?.profile !== look.profile || pick.buttons.length === 0) {
      this.profileButton = {
        iconPath: new ThemeIcon("server-environment"),
        tooltip: `Profile: ${look.profile}. Switch…`,
      };
      pick.buttons = [NARROW, WIDEN, this.profileButton];
    }
    if (before?.mode !== look.mode || !sameChoices(before.choices, look.choices)) this.renew(true);
    // The owner may have been told something, and have given another look.
    if (!this.suspended) this.setContexts(this.look);
  }

  /** Put the focus into the line. */
  focus(): void {
    // A new line has the focus. An open one takes it by being hidden and shown only: being shown
    // once more does nothing, and VS Code's own command for it gives the list the keys.
    if (!this.fresh) {
      this.returning = true;
      this.pick?.hide();
    }
    this.fresh = false;
  }

  /** Something else is about to be shown at the top: that is no Escape. */
  leave(): void {
    this.leaving = this.open;
  }

  /** Close the line without telling anybody. */
  close(): void {
    const pick = this.pick;
    this.pick = undefined;
    this.look = undefined;
    this.told = "";
    this.leaving = false;
    this.history.rest();
    this.setContexts(undefined);
    pick?.dispose();
  }

  /** Hide the line while something else is asked, then show it again. */
  async during(question: () => Promise<void>): Promise<void> {
    this.suspended = true;
    // The keys of the line are those of the other list meanwhile.
    this.setContexts(undefined);
    this.pick?.hide();
    try {
      await question();
    } finally {
      this.suspended = false;
      this.setContexts(this.look);
      this.pick?.show();
      // A list that was hidden comes back empty.
      this.renew();
    }
  }

  /** Up: the line before in the list, and above the first one the older instructions. */
  older(): void {
    const pick = this.pick;
    if (!pick) return;
    const at = this.active(pick);
    if (at > 0) {
      this.activate(pick, at - 1);
      return;
    }
    const entry = this.history.older(pick.value);
    if (entry !== undefined) this.value = entry;
  }

  /** Down: the newer instructions, then into the list. */
  newer(): void {
    const pick = this.pick;
    if (!pick) return;
    const entry = this.history.newer();
    if (entry !== undefined) this.value = entry;
    else this.activate(pick, this.active(pick) + 1);
  }

  /** Tab: the first choice that completes what is typed, or the one that is picked. */
  complete(): void {
    const picked = this.pick?.activeItems[0]?.choice?.completion;
    const first = this.look?.choices.find((choice) => choice.completion !== undefined);
    const text = picked ?? first?.completion;
    if (text !== undefined) this.value = text;
  }

  dispose(): void {
    this.close();
  }

  // -- inside --

  private make(): QuickPick<Item> {
    const pick = window.createQuickPick<Item>();
    this.fresh = true;
    pick.ignoreFocusOut = true;
    // Otherwise VS Code would choose among the items by what is typed.
    pick.matchOnDetail = false;
    pick.onDidChangeValue((value) => {
      // What we have put there ourselves is told too, and late.
      if (value !== this.rendered) this.renew();
    });
    pick.onDidAccept(() => {
      this.accepted(pick);
    });
    pick.onDidTriggerButton((button) => {
      if (button === WIDEN) this.owner.stepped(1);
      else if (button === NARROW) this.owner.stepped(-1);
      else this.owner.profileWanted();
    });
    pick.onDidHide(() => {
      if (this.suspended || this.pick !== pick) return;
      if (this.returning) {
        this.returning = false;
        pick.show();
        // A list that was hidden comes back empty.
        this.renew();
        return;
      }
      const left = this.leaving;
      this.close();
      if (left) this.owner.closed();
      else this.owner.escaped();
    });
    pick.show();
    return pick;
  }

  private accepted(pick: QuickPick<Item>): void {
    const choice = pick.activeItems[0]?.choice;
    if (choice?.command !== undefined) {
      void commands.executeCommand(choice.command, choice.argument);
      return;
    }
    if (choice?.completion !== undefined) {
      this.enterAt = Date.now();
      this.value = choice.completion;
      return;
    }
    const instruction = (choice?.instruction ?? pick.value).trim();
    const since = Date.now() - this.enterAt;
    this.enterAt = Date.now();
    if (instruction === "") {
      // The Enter that gave an instruction may be held down, for as long as it likes.
      if (since > DOUBLE && !this.bound) this.owner.accepted();
      return;
    }
    this.history.add(instruction);
    pick.value = "";
    this.renew();
    this.owner.given(instruction);
  }

  /**
   * The items for what is typed now. What is typed comes first, so that Enter takes it. `keep`: the
   * item that the user has gone to stays the active one.
   */
  private renew(keep = false): void {
    const { pick, look } = this;
    if (!pick || !look) return;
    const at = keep && this.rendered === pick.value ? pick.activeItems[0]?.choice : undefined;
    this.rendered = pick.value;
    const typed = pick.value.trim();
    const word = look.mode === "ask" ? "edit" : "redirect";
    const more = completes(look) ? ", Tab: complete" : "";
    const first: Item =
      typed === ""
        ? { label: hint(look.mode, this.bound), alwaysShow: true }
        : { label: pick.value, description: `Enter: ${word}${more}`, alwaysShow: true };
    const wanted = look.choices.filter((c) => c.always === true || matches(c, typed));
    const rest = wanted.map((choice): Item => ({
      label: choice.label,
      ...(choice.detail === undefined ? {} : { description: choice.detail }),
      ...(choice.icon === undefined ? {} : { iconPath: new ThemeIcon(choice.icon) }),
      alwaysShow: true,
      choice,
    }));
    const line: Item[] = rest.length > 0 ? [{ label: "", kind: QuickPickItemKind.Separator }] : [];
    pick.items = [first, ...line, ...rest];
    pick.activeItems = [rest.find(({ choice }) => at && choice?.label === at.label) ?? first];
    if (this.told === pick.value) return;
    this.told = pick.value;
    this.owner.typed(this.told);
  }

  private choosable(pick: QuickPick<Item>): Item[] {
    return pick.items.filter((item) => item.kind !== QuickPickItemKind.Separator);
  }

  private active(pick: QuickPick<Item>): number {
    const item = pick.activeItems[0];
    return item ? this.choosable(pick).indexOf(item) : 0;
  }

  private activate(pick: QuickPick<Item>, index: number): void {
    const item = this.choosable(pick)[index];
    if (item) pick.activeItems = [item];
  }

  private setContexts(look: Look | undefined): void {
    const mode = look?.mode;
    const now = {
      asking: mode !== undefined,
      redirecting: mode === "redirect" || mode === "review",
      completing: look !== undefined && completes(look),
    };
    for (const name of ["asking", "redirecting", "completing"] as const) {
      if (this.contexts[name] === now[name]) continue;
      void commands.executeCommand("setContext", `midstream.${name}`, now[name]);
    }
    this.contexts = now;
  }
}

function hint(mode: Mode, bound: boolean): string {
  switch (mode) {
    case "ask":
      return "Type what to change. #: files. Up: earlier instructions. Alt+Up, Alt+Down: scope.";
    case "redirect":
      return "Type to redirect. Escape stops, Ctrl+Enter stops and accepts.";
    case "review":
      return `Type a follow-up. ${bound ? "Ctrl+Enter" : "Enter"} accepts, Escape closes this input.`;
  }
}

/** Whether what is typed can be completed. */
function completes({ choices }: Look): boolean {
  return choices.some(({ completion }) => completion !== undefined);
}

/** Whether every word that is typed stands somewhere in the choice. */
function matches(choice: Choice, typed: string): boolean {
  const text = `${choice.label} ${choice.detail ?? ""}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function sameChoices(a: readonly Choice[], b: readonly Choice[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
