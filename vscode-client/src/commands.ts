/** The commands that the extension itself adds to the server's. */

import { type Disposable, commands } from "vscode";
import type { App } from "./app.js";
import { enterKey, forgetKey, switchProfile } from "./profiles.js";
import type { PromptArgument, Steering } from "./steering.js";

export function registerCommands(app: App, steering: Steering): Disposable[] {
  const table: Record<string, (argument?: PromptArgument) => unknown> = {
    "midstream.promptEdit": (argument) => steering.prompt(argument),
    "midstream.input.stop": () => {
      steering.escaped();
    },
    "midstream.input.accept": () => {
      steering.accept();
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
    "midstream.switchProfile": () => switchProfile(app),
    "midstream.enterKey": () => enterKey(app),
    "midstream.forgetKey": () => forgetKey(app),
    "midstream.restartServer": () => app.client.restart(),
    "midstream.showLog": () => {
      app.log.show();
    },
  };
  return Object.entries(table).map(([name, run]) => commands.registerCommand(name, run));
}
