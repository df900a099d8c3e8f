/** The words above a scope and its changes, and what a click on them does. */

import { COMMANDS, type Range, type SessionState } from "./protocol.js";
import { busy } from "./store.js";
import { showWider } from "./words.js";

export interface Lens {
  readonly range: Range;
  readonly title: string;
  readonly tooltip: string;
  readonly command: string;
  readonly argument: object;
}

/** All lenses of one session. `problems`: how many problems are new in its scope. */
export function lenses(state: SessionState, problems: number): Lens[] {
  const { session, scope, hunks } = state;
  const start = { start: scope.range.start, end: scope.range.start };
  const here = (title: string, tooltip: string, command: string, argument: object = {}): Lens => ({
    range: start,
    title,
    tooltip,
    command,
    argument: { session, ...argument },
  });
  const accept = here("$(check) Accept", "Keep the edit", COMMANDS.accept);
  const revert = here(
    "$(discard) Revert",
    "Take the edit back; what you typed stays",
    COMMANDS.revert,
  );
  const steer = here("$(comment) Steer…", "Another sentence", "midstream.steer");
  if (busy(state.phase)) {
    const stop = here("$(debug-stop) Stop", "Stop the model", COMMANDS.cancel);
    return [stop, accept, revert, steer];
  }
  const found = [accept, revert, steer];
  const level = state.held?.scope;
  if (level) {
    const words = "Take the answer for more than was selected; the model is not asked again";
    const argument = { scope: level };
    found.unshift(here(`$(fold-up) ${showWider(level)}`, words, COMMANDS.show, argument));
  }
  if (hunks.length > 0) {
    found.push(here("$(diff) Diff", "Compare with the original", "midstream.diff"));
  }
  if (state.attempt > 1) {
    const words = "Go back to the result of an earlier attempt";
    found.push(here("$(history) Attempts", words, "midstream.walkAttempts"));
  }
  if (problems > 0) {
    const words = `$(wrench) Steer: fix these (${String(problems)})`;
    found.push(here(words, "Problems that are new in this scope", "midstream.fixNewProblems"));
  }
  return [...found, ...ofHunks(state)];
}

/** One change alone needs no lenses of its own: those of the scope say the same. */
function ofHunks({ session, hunks }: SessionState): Lens[] {
  const open = hunks.filter((hunk) => hunk.state !== "locked");
  const withheld = open.some((hunk) => hunk.state === "withheld");
  if (open.length < 2 && !withheld) return [];
  return open.flatMap((hunk) => {
    const range = { start: hunk.range.start, end: hunk.range.start };
    const argument = { session, hunks: [hunk.id] };
    const theirs = hunk.state === "withheld";
    const accept = theirs ? "Accept withheld change" : "Accept change";
    const offer = hunk.offer ?? "";
    const what = theirs ? `Put the model's text in the place of yours:\n${offer}` : "Keep it";
    return [
      { range, title: accept, tooltip: what, command: COMMANDS.accept, argument },
      {
        range,
        title: theirs ? "Revert withheld change" : "Revert change",
        tooltip: theirs ? "Keep your own text" : "Bring back what stood here",
        command: COMMANDS.revert,
        argument,
      },
    ];
  });
}
