/** Where the tests find things, and the environment that the extension gets: a Python without packages. */

import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";

export const ROOT = process.env.MIDSTREAM_ROOT ?? "";
export const VSIX = join(ROOT, "build", "vscode", "midstream.vsix");
/** An interpreter with Midstream's packages: for the scripted model and the command line only. */
export const PYTHON = process.env.MIDSTREAM_PYTHON ?? "python3";

const BARE = join(ROOT, "build", "vscode", "bare-python");

/** Where the programs of the Python without packages are. */
export function bareFolder(): string {
  return join(BARE, process.platform === "win32" ? "Scripts" : "bin");
}

/** The first Python on the PATH has no packages at all, not even pip. */
export function bareEnvironment(): Record<string, string> {
  execFileSync(PYTHON, ["-m", "venv", "--clear", "--without-pip", BARE]);
  return {
    PATH: `${bareFolder()}${delimiter}${process.env.PATH ?? ""}`,
    PYTHONPATH: "",
    VIRTUAL_ENV: "",
  };
}
