/**
 * What a new edit would send of other files: asked of the server while the user types, shown in the
 * input, and taken out or put back in a list. Nothing waits for it, and an older server has none.
 */

import {
  type Disposable,
  EventEmitter,
  type QuickInputButton,
  type QuickPickItem,
  QuickPickItemKind,
  ThemeIcon,
  Uri,
  window,
  workspace,
} from "vscode";
import type { App } from "./app.js";
import { toRange } from "./convert.js";
import { ContextChoice, type Listed } from "./core/contextChoice.js";
import { mentioned, withLines } from "./core/mentions.js";
import type { ContextPiece, Range, ScopeLevel } from "./core/protocol.js";
import { pieceWords } from "./core/words.js";

/** Milliseconds without a change before the server is asked again. */
const PAUSE = 250;

const TAKE_OUT: QuickInputButton = {
  iconPath: new ThemeIcon("remove"),
  tooltip: "Leave this file out of this edit",
};
const PUT_BACK: QuickInputButton = {
  iconPath: new ThemeIcon("add"),
  tooltip: "Send this file with this edit",
};

/** The edit that is about to begin. */
export interface Planned {
  readonly uri: string;
  /** What is selected at each place, and the level of its scope. */
  readonly places: readonly { readonly range: Range; readonly scope: ScopeLevel }[];
  readonly instruction: string;
  readonly profile: string;
}

interface Item extends QuickPickItem {
  readonly listed?: Listed;
}

export class EditContext implements Disposable {
  private readonly changes = new EventEmitter<void>();
  private choice = new ContextChoice(new Set());
  private planned: Planned | undefined;
  /** What the server was asked last, or is about to be. */
  private asked = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** What would be sent has changed. */
  readonly onChange = this.changes.event;

  constructor(private readonly app: App) {}

  /** The edit is planned like this now; the server is asked when that makes a difference. */
  plan(planned: Planned): void {
    if (this.planned?.uri !== planned.uri) this.reset();
    if (!this.planned) this.choice = new ContextChoice(new Set([planned.uri]));
    this.planned = planned;
    this.askSoon(this.asked === "" ? 0 : PAUSE);
  }

  /** No edit is planned any more. */
  reset(): void {
    clearTimeout(this.timer);
    this.planned = undefined;
    this.asked = "";
    this.choice = new ContextChoice(new Set());
  }

  /** Files that the edit must not send. */
  get leaveOut(): readonly string[] {
    return this.choice.leaveOut;
  }

  /** In words, where there is something to say: "+3 files". */
  get label(): string | undefined {
    return this.choice.label;
  }

  get tokens(): number {
    return this.choice.tokens;
  }

  /** Shows all pieces, to be opened, taken out and put back. Done when the list is closed. */
  async list(): Promise<void> {
    const pick = window.createQuickPick<Item>();
    pick.title = "What this edit sends";
    pick.placeholder = "Enter opens a piece. Escape returns to the instruction";
    pick.ignoreFocusOut = true;
    pick.matchOnDescription = true;
    pick.keepScrollPosition = true;
    const fill = (): void => {
      const at = pick.activeItems[0]?.listed?.piece;
      pick.items = itemsOf(this.choice);
      pick.activeItems = pick.items.filter(({ listed }) => at && listed?.piece === at);
    };
    fill();
    const listener = this.onChange(fill);
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.listed) this.toggle(item.listed.piece.uri);
    });
    pick.onDidAccept(() => {
      const listed = pick.activeItems[0]?.listed;
      if (listed) void showPiece(this.app, listed.piece);
    });
    const closed = new Promise<void>((done) => pick.onDidHide(done));
    pick.show();
    await closed;
    listener.dispose();
    pick.dispose();
  }

  dispose(): void {
    this.reset();
    this.changes.dispose();
  }

  // -- inside --

  private toggle(uri: string): void {
    this.choice.toggle(uri);
    this.changes.fire();
    this.askSoon(0);
  }

  private askSoon(pause: number): void {
    if (!this.planned) return;
    const { uri, places, instruction, profile } = this.planned;
    const mentions = mentioned(instruction);
    const now = JSON.stringify([uri, places, mentions, profile, this.leaveOut]);
    if (now === this.asked) return;
    this.asked = now;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.ask(now, mentions.length > 0);
    }, pause);
  }

  /** `asked`: what the answer is for. One that comes when something else was asked is dropped. */
  private async ask(asked: string, withInstruction: boolean): Promise<void> {
    if (!this.planned) return;
    const { uri, places, instruction } = this.planned;
    const more = {
      ...(withInstruction ? { instruction } : {}),
      ...(this.leaveOut.length > 0 ? { leaveOut: this.leaveOut } : {}),
    };
    const answers = await Promise.all(
      places.map(async (place) => {
        try {
          return await this.app.preview({ uri, ...place, ...more });
        } catch {
          // A server that does not know the command, or does not run: the edit itself says that.
          return [];
        }
      }),
    );
    if (this.asked !== asked) return;
    this.choice.answered(answers.flat().map((piece) => ({ ...piece, uri: normal(piece.uri) })));
    this.changes.fire();
  }
}

function itemsOf(choice: ContextChoice): Item[] {
  const items = choice.list.map((listed): Item => {
    const { piece, leftOut } = listed;
    const button = leftOut ? PUT_BACK : TAKE_OUT;
    return {
      listed,
      label: withLines(pathOf(piece.uri), piece.range),
      description: leftOut ? "left out" : pieceWords(piece),
      iconPath: new ThemeIcon(leftOut ? "circle-slash" : "file-code"),
      buttons: choice.canLeaveOut(piece.uri) ? [button] : [],
    };
  });
  const own = items.findIndex(({ listed }) => listed && !choice.canLeaveOut(listed.piece.uri));
  const line = { label: "the edited file", kind: QuickPickItemKind.Separator };
  return own < 0 ? items : [...items.slice(0, own), line, ...items.slice(own)];
}

/** The same URI as VS Code writes it, so that the two can be compared. */
function normal(uri: string): string {
  return Uri.parse(uri).toString();
}

/** The path of a file as the user knows it: from the folder of the workspace. */
export function pathOf(uri: string): string {
  return workspace.asRelativePath(Uri.parse(uri));
}

/** Shows a piece in a preview; the focus stays where it is. */
export async function showPiece(app: App, { uri, range }: ContextPiece): Promise<void> {
  try {
    const selection = toRange(range);
    await window.showTextDocument(Uri.parse(uri), {
      preview: true,
      preserveFocus: true,
      selection,
    });
  } catch {
    app.tell(`Couldn't open ${pathOf(uri)}.`);
  }
}
