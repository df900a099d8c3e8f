/**
 * What the server and this extension say to each other (docs/protocol.md): names, shapes, and the
 * one place where JSON from outside becomes a typed value. Knows nothing of VS Code.
 *
 * Positions are UTF-16, the only encoding that VS Code's client offers.
 */

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The commands of `workspace/executeCommand`. */
export const COMMANDS = {
  scope: "midstream.scope",
  edit: "midstream.edit",
  editComment: "midstream.editComment",
  redirect: "midstream.redirect",
  cancel: "midstream.cancel",
  accept: "midstream.accept",
  revert: "midstream.revert",
  show: "midstream.show",
  attempts: "midstream.attempts",
  restore: "midstream.restore",
  context: "midstream.context",
  status: "midstream.status",
} as const;

/** The server's commands that may be called without naming a session. */
export const OPTIONAL_SESSION: ReadonlySet<string> = new Set([
  COMMANDS.redirect,
  COMMANDS.cancel,
  COMMANDS.accept,
  COMMANDS.revert,
  COMMANDS.show,
  COMMANDS.attempts,
  COMMANDS.restore,
]);

export const SESSION_NOTIFICATION = "midstream/session";
export const KEYS_REQUEST = "midstream/keys";

export const PHASES = ["starting", "streaming", "settling", "review", "ended"] as const;
export type Phase = (typeof PHASES)[number];

export const OUTCOMES = ["accepted", "reverted", "cancelled", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const HUNK_STATES = ["open", "locked", "withheld", "offered"] as const;
export type HunkState = (typeof HUNK_STATES)[number];

export const LEVELS = ["info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

export const SCOPE_LEVELS = [
  "smallest",
  "statement",
  "block",
  "function",
  "class",
  "file",
  "selection",
] as const;
export type ScopeLevel = (typeof SCOPE_LEVELS)[number];

export interface Scope {
  readonly range: Range;
  readonly kind: string;
  readonly language: string;
}

export interface Hunk {
  readonly id: string;
  /**
   * Where the model's text is now; of a withheld hunk, where the user's is; of an offered one, what
   * its text would replace. That of an import is outside the scope.
   */
  readonly range: Range;
  /** What stood there before. */
  readonly before: string;
  readonly state: HunkState;
  /** Of a withheld or offered hunk: the model's text, which is not in the document. */
  readonly offer?: string;
  /** An import that the new code needs, outside the scope. */
  readonly kind?: "import";
}

export interface Held {
  readonly position: Position;
  readonly text: string;
  /** The level for which it can be taken, where it is more than the scope. */
  readonly scope?: ScopeLevel;
}

export interface Model {
  readonly requested: string;
  readonly served: string | null;
}

export interface Message {
  readonly level: Level;
  readonly text: string;
  /** The text tells the user to show what is held. */
  readonly show?: boolean;
}

export type Ledger = Readonly<Record<string, unknown>>;

/** Text that is sent to the model with an edit. */
export interface ContextPiece {
  readonly uri: string;
  /** Where it stands in the text that the server read. */
  readonly range: Range;
  /** Why it was chosen, in one of the protocol's words. */
  readonly why: string;
  readonly tokens: number;
}

/** The body of `midstream/session`: the whole state of one session. */
export interface SessionState {
  readonly session: string;
  readonly uri: string;
  /** The version of the document to which the ranges belong. */
  readonly version: number;
  readonly attempt: number;
  readonly instruction: string;
  readonly phase: Phase;
  readonly outcome?: Outcome;
  readonly scope: Scope;
  readonly hunks: readonly Hunk[];
  readonly held?: Held;
  readonly model: Model;
  readonly tokens: number;
  readonly tokensPerSecond: number | null;
  /** What goes on before the answer, in words, where the model's server tells it. */
  readonly status?: string;
  readonly message?: Message;
  readonly ledger?: Ledger;
}

/** A level of scope with the range that it covers. */
export interface Step {
  readonly scope: ScopeLevel;
  readonly range: Range;
}

export interface ScopeAnswer {
  readonly scope: Scope;
  readonly ladder: readonly Step[];
}

export interface EditAnswer {
  readonly session: string;
  readonly scope: Scope;
}

export interface Attempt {
  readonly attempt: number;
  readonly instruction: string;
  readonly profile: string;
  /** The model asked for, and the one that the server says it served. */
  readonly requested: string | null;
  readonly model: string | null;
  /** The class of service really used, and the milliseconds in its queue, where known. */
  readonly serviceTier: string | null;
  readonly queueMs: number | null;
  readonly outcome: string;
  readonly text: string | null;
}

export interface RateLimit {
  readonly name: string;
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Seconds since 1970. */
  readonly resetsAt: number | null;
}

/** A profile as the server knows it, from all its sources. */
export interface ProfileInfo {
  readonly name: string;
  readonly model: string;
  /** Whether what is sent to it stays on this machine. */
  readonly local: boolean;
}

export interface StatusAnswer {
  readonly sessions: readonly { session: string; uri: string; phase: Phase }[];
  readonly profile: string;
  readonly profiles: readonly ProfileInfo[];
  readonly prompts: Readonly<Record<string, string>>;
  readonly model: Model;
  readonly connection: string;
  readonly sentence: string | null;
  readonly rateLimits: readonly RateLimit[];
  readonly last: Ledger | null;
  /** What was sent with the latest edit; read it with `contextPieces`. */
  readonly context?: unknown;
}

/**
 * The body of a `midstream/session`, or undefined for what is none.
 *
 * A server of another version must not be able to bring the extension down, so everything that is
 * used is looked at; what is not known is left out.
 */
export function sessionState(value: unknown): SessionState | undefined {
  if (!isObject(value)) return undefined;
  const { session, uri, phase, scope, hunks } = value;
  if (typeof session !== "string" || typeof uri !== "string" || !oneOf(PHASES, phase)) {
    return undefined;
  }
  if (!isScope(scope) || !Array.isArray(hunks) || !hunks.every(isHunk)) return undefined;
  const { outcome, held, message, ledger, model, status } = value;
  return {
    session,
    uri,
    phase,
    scope,
    hunks: hunks.flatMap((one) => known(one) ?? []),
    version: count(value["version"]) ?? -1,
    attempt: count(value["attempt"]) ?? 1,
    instruction: typeof value["instruction"] === "string" ? value["instruction"] : "",
    model: isModel(model) ? model : { requested: "", served: null },
    tokens: count(value["tokens"]) ?? 0,
    tokensPerSecond: count(value["tokensPerSecond"]) ?? null,
    ...(oneOf(OUTCOMES, outcome) ? { outcome } : {}),
    ...(isHeld(held) ? { held } : {}),
    ...(typeof status === "string" ? { status } : {}),
    ...(isMessage(message) ? { message } : {}),
    ...(isObject(ledger) ? { ledger } : {}),
  };
}

/** The pieces of a `context` that the server sends; what is no piece is left out. */
export function contextPieces(value: unknown): ContextPiece[] {
  return Array.isArray(value) ? value.flatMap((one) => piece(one) ?? []) : [];
}

function piece(value: unknown): ContextPiece | undefined {
  if (!isObject(value)) return undefined;
  const { uri, range, why } = value;
  if (typeof uri !== "string" || !isRange(range) || typeof why !== "string") return undefined;
  return { uri, range, why, tokens: count(value["tokens"]) ?? 0 };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function oneOf<T extends string>(words: readonly T[], value: unknown): value is T {
  return typeof value === "string" && (words as readonly string[]).includes(value);
}

function isPosition(value: unknown): value is Position {
  return (
    isObject(value) && count(value["line"]) !== undefined && count(value["character"]) !== undefined
  );
}

function isRange(value: unknown): value is Range {
  return isObject(value) && isPosition(value["start"]) && isPosition(value["end"]);
}

function isScope(value: unknown): value is Scope {
  return isObject(value) && isRange(value["range"]) && typeof value["kind"] === "string";
}

/** What every hunk has, whichever version the server is of. */
interface AnyHunk {
  readonly id: string;
  readonly range: Range;
  readonly before: string;
  readonly state: string;
  readonly offer?: unknown;
  readonly kind?: unknown;
}

/** The hunk, or undefined if it is in a state that this side does not know. */
function known({ id, range, before, state, offer, kind }: AnyHunk): Hunk | undefined {
  if (!oneOf(HUNK_STATES, state)) return undefined;
  return {
    id,
    range,
    before,
    state,
    ...(typeof offer === "string" ? { offer } : {}),
    ...(kind === "import" ? { kind } : {}),
  };
}

function isHunk(value: unknown): value is AnyHunk {
  return (
    isObject(value) &&
    typeof value["id"] === "string" &&
    isRange(value["range"]) &&
    typeof value["before"] === "string" &&
    typeof value["state"] === "string"
  );
}

function isHeld(value: unknown): value is Held {
  if (!isObject(value) || !isPosition(value["position"])) return false;
  const { text, scope } = value;
  return (
    typeof text === "string" &&
    (scope === undefined || SCOPE_LEVELS.some((level) => level === scope))
  );
}

function isModel(value: unknown): value is Model {
  return (
    isObject(value) &&
    typeof value["requested"] === "string" &&
    (value["served"] === null || typeof value["served"] === "string")
  );
}

function isMessage(value: unknown): value is Message {
  return isObject(value) && oneOf(LEVELS, value["level"]) && typeof value["text"] === "string";
}
