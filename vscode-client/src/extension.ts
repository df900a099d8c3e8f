/** The entry point: makes the parts and their commands, and starts the server without waiting. */

import { type ExtensionContext, window } from "vscode";
import { App } from "./app.js";
import { registerCommands } from "./commands.js";
import { Lenses } from "./lenses.js";
import { Problems } from "./problems.js";
import { Review } from "./review.js";
import { EditFlow } from "./editFlow.js";

let app: App | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("Midstream", { log: true });
  app = new App(context, log);
  const editFlow = new EditFlow(app);
  const review = new Review(app);
  const problems = new Problems(app);
  const lenses = new Lenses(app, problems);
  const commands = registerCommands({ app, editFlow, review, problems });
  context.subscriptions.push(log, app, editFlow, review, problems, lenses, ...commands);
  // Activation does not wait: looking for a Python and starting it takes its time.
  void app.restart();
}

export async function deactivate(): Promise<void> {
  await app?.client.stop();
}
