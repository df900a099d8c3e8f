/** The rows of the status: what is so, in words, and what can be done about it. */

import { withLines } from "./mentions.js";
import {
  type ContextPiece,
  contextPieces,
  type Ledger,
  type RateLimit,
  type StatusAnswer,
} from "./protocol.js";
import { type Health, pieceWords, plural } from "./words.js";

export interface Row {
  readonly icon: string;
  readonly label: string;
  readonly detail?: string;
  readonly command?: string;
  /** What picking the row opens. */
  readonly piece?: ContextPiece;
}

/** All rows. `now` is the time in milliseconds since 1970; `pathOf` gives a file's path in words. */
export function statusRows(
  health: Health,
  sentence: string | undefined,
  status: StatusAnswer | undefined,
  now: number,
  pathOf: (uri: string) => string = (uri) => uri,
): Row[] {
  const rows: Row[] = [];
  const sent: Row[] = [];
  if (status && health === "running") {
    rows.push(...ofModel(status), ...status.rateLimits.map((limit) => ofLimit(limit, now)));
    if (status.last) rows.push(ofLedger(status.last));
    sent.push(...contextPieces(status.context).map((piece) => ofPiece(piece, pathOf)));
  } else {
    const words = health === "starting" ? "The server is starting." : "The server isn't running.";
    rows.push({ icon: "warning", label: words, ...(sentence ? { detail: sentence } : {}) });
  }
  return [
    ...rows,
    { icon: "arrow-swap", label: "Switch profile…", command: "midstream.switchProfile" },
    { icon: "key", label: "Enter a key for a profile…", command: "midstream.enterKey" },
    { icon: "pulse", label: "Run doctor", command: "midstream.runDoctor" },
    { icon: "output", label: "Show log", command: "midstream.showLog" },
    { icon: "refresh", label: "Restart server", command: "midstream.restartServer" },
    ...sent,
  ];
}

function ofModel(status: StatusAnswer): Row[] {
  const { requested, served } = status.model;
  const other = served !== null && served !== requested;
  const model = other ? `${served} answers, asked for ${requested}` : requested;
  const here = status.profiles.find((profile) => profile.name === status.profile)?.local;
  return [
    {
      icon: "server-environment",
      label: `Profile: ${status.profile}`,
      detail: here ? "nothing leaves this machine" : "your code is sent to this model",
    },
    {
      icon: other ? "warning" : "hubot",
      label: `Model: ${model}`,
      detail: served === null ? "it hasn't answered yet" : "as the server says",
    },
    {
      icon: status.connection === "failed" ? "warning" : "plug",
      label: `Connection: ${status.connection}`,
      ...(status.sentence ? { detail: status.sentence } : {}),
    },
  ];
}

function ofPiece(piece: ContextPiece, pathOf: (uri: string) => string): Row {
  const place = withLines(pathOf(piece.uri), piece.range);
  return { icon: "file-code", label: `Sent: ${place}`, detail: pieceWords(piece), piece };
}

function ofLimit(limit: RateLimit, now: number): Row {
  const of = limit.limit === null ? "" : ` of ${limit.limit.toLocaleString("en-US")}`;
  const left = limit.remaining === null ? "?" : limit.remaining.toLocaleString("en-US");
  const seconds = limit.resetsAt === null ? undefined : Math.ceil(limit.resetsAt - now / 1000);
  return {
    icon: "dashboard",
    label: `Rate limit, ${limit.name}: ${left}${of} left`,
    ...(seconds !== undefined && seconds > 0
      ? { detail: `full again in ${plural(seconds, "second")}` }
      : {}),
  };
}

function ofLedger(ledger: Ledger): Row {
  const number = (name: string): number | undefined => {
    const value = ledger[name];
    return typeof value === "number" ? value : undefined;
  };
  const parts: string[] = [];
  const tokens = number("tokens");
  const rate = number("tokensPerSecond");
  if (tokens !== undefined) parts.push(plural(tokens, "token"));
  if (rate !== undefined) parts.push(`${Math.round(rate).toLocaleString("en-US")} tokens/s`);
  const edits = number("edits");
  const refused = number("refused");
  if (edits !== undefined) parts.push(plural(edits, "edit"));
  if (refused) parts.push(`${String(refused)} refused and resent`);
  const first = number("firstEdit");
  const timed =
    first === undefined ? {} : { detail: `first change after ${String(Math.round(first))} ms` };
  return { icon: "graph", label: `Last edit: ${parts.join(", ")}`, ...timed };
}
