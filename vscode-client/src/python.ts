/**
 * Looks for a Python that can run the bundled server: the setting, the one that the user has selected,
 * the PATH. A program is asked what it is where no repository has a say, and only the absolute path
 * that it tells of itself is ever started afterwards.
 */

import { execFile } from "node:child_process";
import { commandsOnPath, fits, noPython, parsePython, PROBE, type Python } from "./core/python.js";
import { isAbsolute, isName } from "./core/places.js";
import type { Programs } from "./programs.js";

/** Milliseconds that a Python may take to say what it is. */
const PATIENCE = 10_000;
/** Bytes that it may print. */
const MOST_BYTES = 10_000;
/** Programs on the PATH that are asked; the folders of a PATH may hold any number. */
const MOST_ASKED = 12;

/** The server cannot be started; the message is a sentence for the user. */
export class NoServerError extends Error {}

/** What to look for. */
export interface Wanted {
  /** The setting `midstream.pythonPath`; empty if there is none. */
  readonly setting: string;
  /** The interpreter that the user has selected elsewhere. */
  readonly selected: string | undefined;
  /** The folders that the bundle has. */
  readonly bundled: readonly string[];
}

/** The first Python that fits. Throws `NoServerError`. */
export async function findPython(wanted: Wanted, programs: Programs): Promise<Python> {
  const { setting, selected, bundled } = wanted;
  const tried: Python[] = [];
  const attempt = async (
    program: string,
    words: readonly string[],
  ): Promise<Python | undefined> => {
    const python = await probe(program, words, programs);
    if (python) tried.push(python);
    return python && fits(python, bundled) ? python : undefined;
  };
  if (setting !== "") {
    const [program] = await programsNamed("Midstream: Python Path", setting, programs);
    const python = program === undefined ? undefined : await attempt(program, []);
    if (python) return python;
    throw new NoServerError(
      `The Python at ${setting} (setting Midstream: Python Path) can't run the server. ` +
        noPython(tried, bundled),
    );
  }
  const chosen = selected === undefined ? undefined : await attempt(selected, []);
  if (chosen) return chosen;
  let left = MOST_ASKED;
  for (const [name, ...words] of commandsOnPath(process.platform)) {
    for (const program of (await programs.onPath(name)).slice(0, left)) {
      left -= 1;
      const python = await attempt(program, words);
      if (python) return python;
    }
  }
  const { folders, trusted } = programs.ground;
  const leftOut = " Programs in this workspace aren't run until you trust it.";
  throw new NoServerError(
    noPython(tried, bundled) + (trusted || folders.length === 0 ? "" : leftOut),
  );
}

/**
 * The programs that a setting of the user's may mean, best first: an absolute path, or a name on the
 * PATH. Throws `NoServerError` for what a repository could have a say in.
 */
export async function programsNamed(
  setting: string,
  program: string,
  programs: Programs,
): Promise<string[]> {
  if (isName(program, process.platform)) return programs.onPath(program);
  const names = `The setting ${setting} names ${program}`;
  if (!isAbsolute(program, process.platform)) {
    throw new NoServerError(
      `${names}, a relative path, which can be a different program in each folder. ` +
        "Enter the full path, or a name that is on the PATH.",
    );
  }
  if (await programs.mayRun(program)) return [program];
  throw new NoServerError(
    `${names}, which is in this workspace, and you don't trust the workspace. ` +
      "Trust the workspace, or name a program outside it.",
  );
}

/** What a program says of itself, if it is a Python and may be run. */
async function probe(
  program: string,
  words: readonly string[],
  programs: Programs,
): Promise<Python | undefined> {
  if (!(await programs.mayRun(program))) return undefined;
  const options = {
    cwd: programs.ground.cwd,
    env: await programs.environment(),
    timeout: PATIENCE,
    killSignal: "SIGKILL",
    maxBuffer: MOST_BYTES,
    windowsHide: true,
  } as const;
  const printed = await new Promise<string>((resolve) => {
    // -I: nothing of the user's environment has a say in it.
    execFile(program, [...words, "-I", "-c", PROBE], options, (error, out) => {
      resolve(error ? "" : out);
    });
  });
  const python = parsePython(printed);
  return python && (await programs.mayRun(python.executable)) ? python : undefined;
}
