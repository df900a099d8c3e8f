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
import type { PromptArgument, Steering } from "./steering.js";

/** Commands that show a list or an input of their own, in the place of the steering line. */
const OWN_PICK: ReadonlySet<string> = new Set([
  "midstream.walkAttempts",
  "midstream.showStatus",
  "midstream.switchProfile",
  "midstream.enterKey",
  "midstream.forgetKey",
]);

export interface Parts {
  readonly app: App;
  readonly steering: Steering;
  readonly review: Review;
  readonly problems: Problems;
}

type Run = (argument?: PromptArgument) => unknown;

export function registerCommands({ app, steering, review, problems }: Parts): Disposable[] {
  const doctor = new Doctor(app);
  /** For commands that a lens calls with its session, and a key without one. */
  const withSession =
    (run: (session: SessionState) => unknown): Run =>
    (argument) => {
      const named = argument?.session;
      const session = named === undefined ? app.meant() : app.store.get(named);
      if (session) return run(session);
      app.tell("There is no edit under way; select some code and start one.");
      return undefined;
    };
  const table: Record<string, Run> = {
    "midstream.promptEdit": (argument) => steering.prompt(argument),
    "midstream.promptEditReadOnly": () => steering.prompt({ readOnly: true }),
    "midstream.steer": withSession((session) => {
      steering.steer([session.session]);
    }),
    "midstream.input.stop": () => {
      steering.escaped();
    },
    "midstream.input.accept": () => {
      steering.accepted();
    },
    "midstream.input.leave": () => {
      steering.leave();
    },
    "midstream.input.older": () => {
      steering.older();
    },
    "midstream.input.newer": () => {
      steering.newer();
    },
    "midstream.widen": () => {
      steering.stepped(1);
    },
    "midstream.narrow": () => {
      steering.stepped(-1);
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
    commands.registerCommand(name, (argument?: PromptArgument) => {
      if (OWN_PICK.has(name)) steering.leave();
      return run(argument);
    }),
  );
  return [...registered, doctor];
}
