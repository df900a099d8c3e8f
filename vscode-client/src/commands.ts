/** The commands that the extension itself adds to the server's. */

import { type Disposable, commands } from "vscode";
import type { App } from "./app.js";
import { COMMANDS, type SessionState } from "./core/protocol.js";
import { Doctor } from "./doctor.js";
import { openPractice } from "./practice.js";
import type { Problems } from "./problems.js";
import { enterKey, forgetKey, switchProfile } from "./profiles.js";
import type { Review } from "./review.js";
import { showStatus } from "./status.js";
import type { PromptArgument, EditFlow } from "./editFlow.js";

/** Commands that show a list or an input of their own, in the place of the input. */
const OWN_PICK: ReadonlySet<string> = new Set([
  "midstream.walkAttempts",
  "midstream.showStatus",
  "midstream.switchProfile",
  "midstream.enterKey",
  "midstream.forgetKey",
]);

export interface Parts {
  readonly app: App;
  readonly editFlow: EditFlow;
  readonly review: Review;
  readonly problems: Problems;
}

/** What a lens, a row of the input or a key gives. */
interface Argument extends PromptArgument {
  /** Whether an accept adds the imports that the edit offers. */
  readonly imports?: boolean;
}

type Run = (argument?: Argument) => unknown;

export function registerCommands({ app, editFlow, review, problems }: Parts): Disposable[] {
  const doctor = new Doctor(app);
  /** For commands that a lens calls with its session, and a key without one. */
  const withSession =
    (run: (session: SessionState) => unknown): Run =>
    (argument) => {
      const named = argument?.session;
      const session = named === undefined ? app.meant() : app.store.get(named);
      if (session) return run(session);
      app.tell("There is no edit here. Select some code and start one.");
      return undefined;
    };
  const table: Record<string, Run> = {
    "midstream.promptEdit": (argument) => editFlow.prompt(argument),
    "midstream.promptEditReadOnly": () => editFlow.prompt({ readOnly: true }),
    "midstream.steer": withSession((session) => {
      editFlow.redirect([session.session]);
    }),
    "midstream.input.stop": () => {
      editFlow.escaped();
    },
    "midstream.input.accept": (argument) => {
      editFlow.accepted(argument?.imports);
    },
    "midstream.input.leave": () => {
      editFlow.leave();
    },
    "midstream.input.older": () => {
      editFlow.older();
    },
    "midstream.input.newer": () => {
      editFlow.newer();
    },
    "midstream.input.complete": () => {
      editFlow.completed();
    },
    "midstream.input.context": () => {
      editFlow.contextWanted();
    },
    "midstream.widen": () => {
      editFlow.stepped(1);
    },
    "midstream.narrow": () => {
      editFlow.stepped(-1);
    },
    "midstream.diff": withSession((session) => review.diff(session)),
    "midstream.walkAttempts": withSession((session) => review.walk(session)),
    "midstream.nextHunk": () => {
      review.go(1);
    },
    "midstream.previousHunk": () => {
      review.go(-1);
    },
    "midstream.acceptHunk": () => review.decide(COMMANDS.accept),
    "midstream.revertHunk": () => review.decide(COMMANDS.revert),
    "midstream.fixNewProblems": withSession((session) => problems.fix(session)),
    "midstream.showStatus": () => showStatus(app),
    "midstream.switchProfile": () => switchProfile(app),
    "midstream.enterKey": () => enterKey(app),
    "midstream.forgetKey": () => forgetKey(app),
    "midstream.runDoctor": () => doctor.run(),
    "midstream.restartServer": () => app.restart(),
    "midstream.showLog": () => {
      app.log.show();
    },
    "midstream.practice": () => openPractice(app),
    "midstream.openWalkthrough": () =>
      commands.executeCommand(
        "workbench.action.openWalkthrough",
        `${app.context.extension.id}#start`,
        false,
      ),
  };
  const registered = Object.entries(table).map(([name, run]) =>
    commands.registerCommand(name, (argument?: Argument) => {
      if (OWN_PICK.has(name)) editFlow.leave();
      return run(argument);
    }),
  );
  return [...registered, doctor];
}
