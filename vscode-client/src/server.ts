/** How the server is started: by the command in the settings, or from the bundle with a Python. */

import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type ExtensionContext, workspace } from "vscode";
import { compiledFolder } from "./core/python.js";
import { findPython } from "./python.js";

/** A command that runs Midstream's command line; what it is to do comes behind `args`. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The words that make it serve. */
  readonly serve: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Where the server is. Throws `NoPythonError`. */
export async function locateServer(context: ExtensionContext): Promise<ServerCommand> {
  const settings = workspace.getConfiguration("midstream");
  const [own, ...words] = settings.get<string[]>("serverCommand", []);
  if (own !== undefined && own !== "") {
    const serves = words.at(-1) === "serve";
    const args = serves ? words.slice(0, -1) : words;
    return { command: own, args, serve: serves ? ["serve"] : [], env: process.env };
  }
  const bundle = join(context.extensionPath, "bundled");
  const folders = existsSync(bundle) ? readdirSync(bundle) : [];
  const resource = workspace.workspaceFolders?.[0]?.uri;
  const python = await findPython(settings.get("pythonPath", ""), folders, resource);
  const [command = "", ...before] = python.command;
  const path = [join(bundle, "libs"), join(bundle, compiledFolder(python.version))];
  return {
    command,
    // -P: nothing in the workspace's folder can stand in for a module. -s: nothing of the user's.
    args: [...before, "-P", "-s", "-m", "lsp_server"],
    serve: ["serve"],
    env: { ...process.env, PYTHONPATH: path.join(delimiter), PYTHONSAFEPATH: "1" },
  };
}
