/** Looks for a Python that can run the bundled server: the setting, the Python extension, the PATH. */

import { execFile } from "node:child_process";
import { extensions, type Uri, workspace } from "vscode";
import { commandsOnPath, fits, noPython, parseVersion, PROBE, type Python } from "./core/python.js";

/** Milliseconds that a Python may take to say what it is. */
const PATIENCE = 10_000;

/** No Python can run the server; the message is a sentence for the user. */
export class NoPythonError extends Error {}

/** The part of the Python extension's API that is used. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: Uri): { readonly path: string };
    resolveEnvironment(env: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri: Uri | undefined } } | undefined>;
  };
}

/** The first Python that fits. Throws `NoPythonError`. */
export async function findPython(
  setting: string,
  folders: readonly string[],
  resource: Uri | undefined,
): Promise<Python> {
  const tried: Python[] = [];
  const attempt = async (command: readonly string[]): Promise<Python | undefined> => {
    const python = await probe(command);
    if (python) tried.push(python);
    return python && fits(python, folders) ? python : undefined;
  };
  if (setting !== "") {
    const python = await attempt([setting]);
    if (python) return python;
    throw new NoPythonError(
      `The setting midstream.pythonPath names ${setting}, which does not run the server. ` +
        noPython(tried, folders),
    );
  }
  const selected = await ofPythonExtension(resource);
  const candidates = [...(selected ? [[selected]] : []), ...commandsOnPath(process.platform)];
  for (const command of candidates) {
    const python = await attempt(command);
    if (python) return python;
  }
  throw new NoPythonError(noPython(tried, folders));
}

function probe(command: readonly string[]): Promise<Python | undefined> {
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    // -I: nothing of the workspace or the user's environment has a say in it.
    execFile(
      program,
      [...args, "-I", "-c", PROBE],
      { timeout: PATIENCE, windowsHide: true },
      (error, out) => {
        const version = error ? undefined : parseVersion(out);
        resolve(version ? { command, version } : undefined);
      },
    );
  });
}

/**
 * The interpreter that the user has chosen in the Python extension, if it is there. It may be one of
 * the workspace's own, so a workspace that is not trusted is not asked.
 */
async function ofPythonExtension(resource: Uri | undefined): Promise<string | undefined> {
  if (!workspace.isTrusted) return undefined;
  const extension = extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension) return undefined;
  try {
    const { environments } = await extension.activate();
    if (!environments) return undefined;
    const active = environments.getActiveEnvironmentPath(resource);
    const found = await environments.resolveEnvironment(active);
    return found?.executable.uri?.fsPath;
  } catch {
    return undefined; // A broken Python extension is no reason not to look at the PATH.
  }
}
