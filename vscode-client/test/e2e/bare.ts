/** Where the tests find things, and the environment that the extension gets: a Python without packages. */

import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";

export const ROOT = process.env.MIDSTREAM_ROOT ?? "";
export const VSIX = join(ROOT, "build", "vscode", "midstream.vsix");
/** An interpreter with Midstream's packages: for the scripted model and the command line only. */
export const PYTHON = process.env.MIDSTREAM_PYTHON ?? "python3";

/** The first Python on the PATH has no packages at all, not even pip. */
export function bareEnvironment(): Record<string, string> {
  const bare = join(ROOT, "build", "vscode", "bare-python");
  execFileSync(PYTHON, ["-m", "venv", "--clear", "--without-pip", bare]);
  const programs = join(bare, process.platform === "win32" ? "Scripts" : "bin");
  return {
    PATH: `${programs}${delimiter}${process.env.PATH ?? ""}`,
    PYTHONPATH: "",
    VIRTUAL_ENV: "",
  };
}
