/** The words above a scope and its changes, and what a click on them does. */

import { offered, offeredImports, undecided } from "./hunks.js";
import { COMMANDS, type Range, type SessionState } from "./protocol.js";
import { busy } from "./store.js";
import { acceptances, showWider } from "./words.js";

export interface Lens {
  readonly range: Range;
  readonly title: string;
  readonly tooltip: string;
  readonly command: string;
  readonly argument: object;
}

/**
 * All lenses of one session. `problems`: how many problems are new in its scope. `adds`: every accept
 * adds the imports that the edit offers.
 */
export function lenses(state: SessionState, problems: number, adds = false): Lens[] {
  const { session, scope, hunks } = state;
  const start = { start: scope.range.start, end: scope.range.start };
  const here = (title: string, tooltip: string, command: string, argument: object = {}): Lens => ({
    range: start,
    title,
    tooltip,
    command,
    argument: { session, ...argument },
  });
  const ways = acceptances(busy(state.phase) ? 0 : offeredImports(hunks).length, adds);
  const accept = ways.map(({ title, tooltip, ...argument }) =>
    here(`$(check) ${title}`, tooltip, COMMANDS.accept, argument),
  );
  const revert = here(
    "$(discard) Revert",
    "Remove the model's changes. What you typed stays",
    COMMANDS.revert,
  );
  const redirect = here("$(comment) Redirect…", "Type another instruction", "midstream.steer");
  if (busy(state.phase)) {
    const stop = here("$(debug-stop) Stop", "Stop the model", COMMANDS.cancel);
    return [stop, ...accept, revert, redirect];
  }
  const found = [...accept, revert, redirect];
  const level = state.held?.scope;
  if (level) {
    const words = "Show the whole answer in a wider scope, without asking the model again";
    const argument = { scope: level };
    found.unshift(here(`$(fold-up) ${showWider(level)}`, words, COMMANDS.show, argument));
  }
  if (hunks.some((hunk) => hunk.state !== "offered")) {
    found.push(here("$(diff) Diff", "Compare with the original", "midstream.diff"));
  }
  if (state.attempt > 1) {
    const words = "Return to the result of an earlier attempt";
    found.push(here("$(history) Attempts", words, "midstream.walkAttempts"));
  }
  if (problems > 0) {
    const words = `$(wrench) Redirect: fix these (${String(problems)})`;
    found.push(
      here(words, "Fix the problems that this edit has caused", "midstream.fixNewProblems"),
    );
  }
  return [...found, ...ofHunks(state), ...ofImports(state)];
}

/** One change alone needs no lenses of its own: those of the scope say the same. */
function ofHunks({ session, hunks }: SessionState): Lens[] {
  const open = hunks.filter((hunk) => undecided(hunk) && hunk.state !== "offered");
  const withheld = open.some((hunk) => hunk.state === "withheld");
  if (open.length < 2 && !withheld) return [];
  return open.flatMap((hunk) => {
    const range = { start: hunk.range.start, end: hunk.range.start };
    const argument = { session, hunks: [hunk.id] };
    const theirs = hunk.state === "withheld";
    const accept = theirs ? "Accept withheld change" : "Accept change";
    const offer = hunk.offer ?? "";
    const what = theirs ? `Replace your text with the model's:\n${offer}` : "Keep this change";
    return [
      { range, title: accept, tooltip: what, command: COMMANDS.accept, argument },
      {
        range,
        title: theirs ? "Revert withheld change" : "Revert change",
        tooltip: theirs ? "Keep your own text" : "Restore the original text",
        command: COMMANDS.revert,
        argument,
      },
    ];
  });
}

/** Characters of an import that a lens shows. */
const WIDTH = 50;

function cut(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`;
}

/** An import is added by itself at its place; where several go to one place, each says which it is. */
function ofImports({ session, hunks }: SessionState): Lens[] {
  const imports = offeredImports(hunks);
  return imports.flatMap((hunk) => {
    const range = { start: hunk.range.start, end: hunk.range.start };
    const argument = { session, hunks: [hunk.id] };
    const alone = imports.every(
      (other) => other === hunk || other.range.start.line !== range.start.line,
    );
    const what = alone ? "import" : cut(offered(hunk));
    const tooltip = `The new code needs it:\n${offered(hunk)}`;
    return [
      { range, title: `$(add) Add ${what}`, tooltip, command: COMMANDS.accept, argument },
      {
        range,
        title: `Dismiss ${what}`,
        tooltip: "Leave this import out",
        command: COMMANDS.revert,
        argument,
      },
    ];
  });
}
