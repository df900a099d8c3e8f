/**
 * How the server is started: by the command in the settings, or from the bundle with a Python. Always
 * by an absolute path, and never in the workspace's folder: nothing there can stand in for a program.
 */

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type ExtensionContext, workspace } from "vscode";
import { compiledFolder } from "./core/python.js";
import { Programs } from "./programs.js";
import { findPython, NoServerError, programsNamed } from "./python.js";
import { selectedPython } from "./pythonExtension.js";

/** A command that runs Midstream's command line; what it is to do comes behind `args`. */
export interface ServerCommand {
  /** The program's absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** The words that make it serve. */
  readonly serve: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** Where the server is. Throws `NoServerError`. */
export async function locateServer(context: ExtensionContext): Promise<ServerCommand> {
  // The extension's own folder: what lies there is ours.
  const cwd = context.globalStorageUri.fsPath;
  mkdirSync(cwd, { recursive: true });
  const folders = (workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === "file")
    .map((folder) => folder.uri.fsPath);
  const programs = new Programs({
    env: process.env,
    folders,
    trusted: workspace.isTrusted,
    cwd,
  });
  const env = await programs.environment();
  const [own, ...words] = serverCommand();
  if (own !== undefined && own !== "") {
    const [command] = await programsNamed("Midstream: Server Command", own, programs);
    if (command === undefined) {
      throw new NoServerError(
        `The setting Midstream: Server Command names ${own}, which isn't on the PATH. ` +
          "Install it, or enter its full path.",
      );
    }
    const serves = words.at(-1) === "serve";
    const args = serves ? words.slice(0, -1) : words;
    return { command, args, serve: serves ? ["serve"] : [], env, cwd };
  }
  const bundle = join(context.extensionPath, "bundled");
  const bundled = existsSync(bundle) ? readdirSync(bundle) : [];
  const setting = pythonPath();
  const selected = setting === "" ? await selectedPython() : undefined;
  const python = await findPython({ setting, selected, bundled }, programs);
  const path = [join(bundle, "libs"), join(bundle, compiledFolder(python.version))];
  return {
    command: python.executable,
    // -P: nothing in the working directory can stand in for a module. -s: nothing of the user's.
    args: ["-P", "-s", "-m", "lsp_server"],
    serve: ["serve"],
    env: { ...withoutPython(env), PYTHONPATH: path.join(delimiter), PYTHONSAFEPATH: "1" },
    cwd,
  };
}

/** The bundled server is run as it was probed: what Pythons are told by these is not for it. */
function withoutPython(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^PYTHON[^_]/i.test(name)));
}

function pythonPath(): string {
  const value = ofUser("pythonPath") ?? "";
  if (typeof value === "string") return value;
  throw new NoServerError("The setting Midstream: Python Path must be the path of a Python.");
}

function serverCommand(): string[] {
  const value = ofUser("serverCommand") ?? [];
  if (Array.isArray(value) && value.every((word) => typeof word === "string")) return value;
  throw new NoServerError(
    'The setting Midstream: Server Command must be a list of strings, such as ["midstream", "serve"].',
  );
}

/** A setting that decides what is run: what a workspace has set is not even looked at. */
function ofUser(key: string): unknown {
  return workspace.getConfiguration("midstream").inspect(key)?.globalValue;
}
