/** Asks the Python extension, if it is there, which interpreter the user has selected. */

import { extensions, workspace } from "vscode";
import type { Uri } from "vscode";

/** The part of the Python extension's API that is used. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: Uri): { readonly path: string };
    resolveEnvironment(env: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri: Uri | undefined } } | undefined>;
  };
}

/**
 * The interpreter's path. It may be one of the workspace's own, so a workspace that is not trusted is
 * not asked.
 */
export async function selectedPython(): Promise<string | undefined> {
  if (!workspace.isTrusted) return undefined;
  const extension = extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension) return undefined;
  try {
    const { environments } = await extension.activate();
    if (!environments) return undefined;
    const active = environments.getActiveEnvironmentPath(workspace.workspaceFolders?.[0]?.uri);
    const found = await environments.resolveEnvironment(active);
    return found?.executable.uri?.fsPath;
  } catch {
    return undefined; // A broken Python extension is no reason not to look at the PATH.
  }
}
