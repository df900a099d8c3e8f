/**
 * What is known of all sessions, from the server's notifications.
 *
 * A notification speaks of the document as the server has seen it last; the user may have typed
 * since. So the latest changes of each document are kept, and ranges are carried to the present.
 */

import { type Change, carry, carryRange, covers } from "./positions.js";
import type { Phase, Position, SessionState } from "./protocol.js";

/** How many changes of a document are remembered: a notification is never older than that. */
const REMEMBERED = 500;

interface Past {
  version: number;
  changes: readonly Change[];
}

/** A session as it is now, and what happened to it last. */
export interface Update {
  readonly now: SessionState;
  readonly before: SessionState | undefined;
}

export class SessionStore {
  private readonly sessions = new Map<string, SessionState>();
  private readonly past = new Map<string, Past[]>();

  /** A notification has come. An ended session is shown a last time and then forgotten. */
  received(state: SessionState): Update {
    const before = this.sessions.get(state.session);
    const now = this.toPresent(state);
    if (now.phase === "ended") this.sessions.delete(now.session);
    else this.sessions.set(now.session, now);
    return { now, before };
  }

  /** A document has changed and has this version now. Says whether a session is in it. */
  changed(uri: string, version: number, changes: readonly Change[]): boolean {
    const mine = this.in(uri);
    // Also without a session: the one that is about to begin may be told of an older version.
    const past = this.past.get(uri) ?? [];
    past.push({ version, changes });
    if (past.length > REMEMBERED) past.splice(0, past.length - REMEMBERED);
    this.past.set(uri, past);
    for (const state of mine) this.sessions.set(state.session, carried(state, changes, version));
    return mine.length > 0;
  }

  /** A document was closed. */
  closed(uri: string): void {
    this.past.delete(uri);
  }

  /** The server is gone, and all sessions with it. */
  clear(): readonly SessionState[] {
    const lost = [...this.sessions.values()];
    this.sessions.clear();
    return lost;
  }

  get(session: string): SessionState | undefined {
    return this.sessions.get(session);
  }

  /** All live sessions, the latest last. */
  get all(): readonly SessionState[] {
    return [...this.sessions.values()];
  }

  in(uri: string): readonly SessionState[] {
    return this.all.filter((s) => s.uri === uri);
  }

  /** The session whose scope covers the place; else undefined. */
  at(uri: string, place: Position): SessionState | undefined {
    const point = { start: place, end: place };
    return this.in(uri).find((s) => covers(s.scope.range, point));
  }

  /** The session meant by a key: the one at the place, else the latest of the document. */
  meant(uri: string | undefined, place: Position | undefined): SessionState | undefined {
    if (uri === undefined) return this.all.at(-1);
    const here = place && this.at(uri, place);
    return here ?? this.in(uri).at(-1) ?? this.all.at(-1);
  }

  private toPresent(state: SessionState): SessionState {
    let now = state;
    for (const past of this.past.get(state.uri) ?? []) {
      if (past.version > state.version) now = carried(now, past.changes, past.version);
    }
    return now;
  }
}

/** Whether the model may still write. */
export function busy(phase: Phase): boolean {
  return phase === "starting" || phase === "streaming" || phase === "settling";
}

function carried(state: SessionState, changes: readonly Change[], version: number): SessionState {
  const hunks = state.hunks.map((hunk) => ({
    ...hunk,
    range: carryRange(hunk.range, changes, false),
  }));
  const held = state.held && {
    ...state.held,
    position: changes.reduce((p, change) => carry(p, change, "after"), state.held.position),
  };
  return {
    ...state,
    version,
    hunks,
    scope: { ...state.scope, range: carryRange(state.scope.range, changes, true) },
    ...(held ? { held } : {}),
  };
}
