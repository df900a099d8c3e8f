/** The words of the status bar and the input. Plain values in, plain text out. */

import { inText, offeredImports } from "./hunks.js";
import type { ContextPiece, ScopeLevel, SessionState } from "./protocol.js";
import { busy } from "./store.js";

export interface StatusWords {
  readonly text: string;
  readonly tooltip: string;
  /** The status bar shows a warning's colour. */
  readonly warning: boolean;
}

/** What the server does, before any session. */
export type Health = "starting" | "running" | "stopped" | "failed";

/** The status bar's words: the current session if there is one, else the profile. */
export function statusWords(
  health: Health,
  profile: string,
  session: SessionState | undefined,
  sentence?: string,
): StatusWords {
  if (health === "failed" || health === "stopped") {
    const why = sentence ?? "The server isn't running.";
    return { text: "$(warning) Midstream", tooltip: `${why} Click for more.`, warning: true };
  }
  if (health === "starting") {
    return { text: "$(loading~spin) Midstream", tooltip: "Starting the server …", warning: false };
  }
  if (!session) {
    return {
      text: `$(sparkle) ${profile}`,
      tooltip: `Midstream is ready. The profile in use is ${profile}. Click for the status.`,
      warning: false,
    };
  }
  const model = session.model.served ?? session.model.requested;
  const tooltip = `${session.instruction}\n${sessionLine(session)}`;
  if (busy(session.phase)) {
    const rate = speed(session);
    const doing = session.status ?? `${model} ${session.phase}${rate ? ` ${rate}` : ""}`;
    return { text: `$(sync~spin) ${doing}`, tooltip, warning: false };
  }
  const failed = session.message !== undefined && session.message.level !== "info";
  const icon = failed ? "$(warning)" : "$(diff)";
  return { text: `${icon} ${model} ${changes(session)}`, tooltip, warning: failed };
}

/** One line on a session, for the input's title. */
export function sessionLine(session: SessionState): string {
  const model = session.model.served ?? session.model.requested;
  // "loading MODEL" names it already.
  const parts = session.status?.includes(model) ? [] : [model];
  if (session.status !== undefined) {
    parts.push(session.status);
  } else if (busy(session.phase)) {
    parts.push(session.phase);
    if (session.tokens > 0) parts.push(plural(session.tokens, "token"));
    const rate = speed(session);
    if (rate) parts.push(rate);
  } else {
    parts.push(changes(session));
  }
  return parts.join(" · ");
}

/** "3 changes", "1 change, 1 withheld", "2 changes, 1 import offered", "no changes". */
export function changes(session: SessionState): string {
  const { hunks } = session;
  const withheld = hunks.filter((hunk) => hunk.state === "withheld").length;
  const made = hunks.filter(inText).length;
  const imports = offeredImports(hunks).length;
  const parts = made > 0 || withheld === 0 ? [plural(made, "change")] : [];
  if (withheld > 0) parts.push(`${String(withheld)} withheld`);
  if (imports > 0) parts.push(`${plural(imports, "import")} offered`);
  return parts.join(", ");
}

/** One of the ways to accept an edit. */
export interface Acceptance {
  readonly title: string;
  readonly tooltip: string;
  /** Whether the imports are added; the server's setting decides where it is left out. */
  readonly imports?: boolean;
}

/**
 * The ways to accept an edit that offers so many imports, the one to choose first. `adds`: the
 * user's setting adds them with every accept. The last way is what the keys do.
 */
export function acceptances(imports: number, adds: boolean): Acceptance[] {
  if (imports === 0) return [{ title: "Accept", tooltip: "Keep the changes" }];
  const title = `Accept with ${plural(imports, "import")}`;
  const tooltip = "Keep the changes and add what they need to the file's imports";
  if (adds) return [{ title, tooltip }];
  return [
    { title, tooltip, imports: true },
    { title: "Accept", tooltip: "Keep the changes, without the imports", imports: false },
  ];
}

/** Why a piece is sent, in the user's words. */
const REASONS: Readonly<Record<string, string>> = {
  scope: "the code to edit",
  around: "the code around it",
  outline: "the outline of the file",
  definition: "a definition that the code uses",
  caller: "it calls the code",
  open: "open in the editor",
  mention: "you named it",
  rules: "rules of the project",
  diagnostics: "problems in the code",
};

/** Why a piece is sent, and what it costs: "you named it, 240 tokens". */
export function pieceWords({ why, tokens }: ContextPiece): string {
  return `${REASONS[why] ?? why}, ${plural(tokens, "token")}`;
}

/** What takes a held answer for more than was selected: "Show in the Whole Function". */
export function showWider(scope: ScopeLevel): string {
  return `Show in the Whole ${scope.charAt(0).toUpperCase()}${scope.slice(1)}`;
}

export function plural(count: number, noun: string): string {
  if (count === 0) return `no ${noun}s`;
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

function speed(session: SessionState): string {
  const rate = session.tokensPerSecond;
  return rate ? `${Math.round(rate).toLocaleString("en-US")} tokens/s` : "";
}
