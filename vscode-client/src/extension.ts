/** The entry point: makes the app and its commands, and starts the server without waiting for it. */

import { type ExtensionContext, window } from "vscode";
import { App } from "./app.js";
import { registerCommands } from "./commands.js";
import { Steering } from "./steering.js";

let app: App | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("Midstream", { log: true });
  app = new App(context, log);
  const steering = new Steering(app);
  context.subscriptions.push(log, steering, app, ...registerCommands(app, steering));
  // Activation does not wait: looking for a Python and starting it takes its time.
  void app.client.restart();
}

export async function deactivate(): Promise<void> {
  await app?.client.stop();
}
