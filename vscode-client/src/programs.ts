/**
 * Finds programs, by absolute paths, without letting a repository slip in one of its own. What is not
 * the user's to vouch for is left out: relative folders of the PATH always, and whatever lies in the
 * workspace, or is reached by a link in it, as long as that is not trusted.
 */

import { constants } from "node:fs";
import { access, lstat, readlink, realpath, stat } from "node:fs/promises";
import { dirname, join, parse, sep } from "node:path";
import { fileNames, isAbsolute, isWithin, pathEntries, withPath } from "./core/places.js";

/** Links on one way, as Linux counts them; who needs more goes in circles. */
const MOST_LINKS = 40;

/** Where programs are looked for and started. */
export interface Ground {
  readonly env: NodeJS.ProcessEnv;
  /** The workspace's folders. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  /** The working directory of all that is started: one that no repository fills. */
  readonly cwd: string;
}

export class Programs {
  private readonly platform = process.platform;
  private forbidden: Promise<readonly string[]> | undefined;

  constructor(readonly ground: Ground) {}

  /** Whether this path may be run: an absolute one, outside of a workspace that is not trusted. */
  async mayRun(path: string): Promise<boolean> {
    if (!isAbsolute(path, this.platform)) return false;
    if (this.ground.trusted) return true;
    this.forbidden ??= wholePaths(this.ground.folders);
    const [passed, folders] = await Promise.all([stations(path), this.forbidden]);
    return (
      passed?.every((place) => !folders.some((f) => isWithin(place, f, this.platform))) ?? false
    );
  }

  /** The programs of this name on the PATH that may be run, the first one first. */
  async onPath(name: string): Promise<string[]> {
    const { env } = this.ground;
    const files = fileNames(name, env, this.platform);
    // Not by `join`, for which `link/..` is nothing, while the system follows the link.
    const all = pathEntries(env, this.platform).flatMap((f) => files.map((one) => f + sep + one));
    const found: string[] = [];
    for (const path of all) {
      if ((await isProgram(path)) && (await this.mayRun(path))) found.push(path);
    }
    return found;
  }

  /** The environment for what is started: its PATH has only folders from which may be run. */
  async environment(): Promise<NodeJS.ProcessEnv> {
    const { env } = this.ground;
    const folders: string[] = [];
    for (const folder of pathEntries(env, this.platform)) {
      if (await this.mayRun(folder)) folders.push(folder);
    }
    // Windows would look in the working directory first.
    const more = this.platform === "win32" ? { NoDefaultCurrentDirectoryInExePath: "1" } : {};
    return { ...withPath(env, folders, this.platform), ...more };
  }
}

/** Folders as they are named, and as they are without links. */
async function wholePaths(folders: readonly string[]): Promise<string[]> {
  const real = folders.map((folder) => realpath(folder).catch(() => folder));
  return [...folders, ...(await Promise.all(real))];
}

/**
 * Every place that is passed when the system follows a path: each folder, each link, what it leads to.
 * Undefined where that has no end.
 */
async function stations(path: string): Promise<string[] | undefined> {
  const passed: string[] = [];
  let at = parse(path).root;
  const ahead = names(path);
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    passed.push(next);
    const target = await readlink(next).catch(() => undefined);
    if (target === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return undefined;
    if (isAbsolute(target, process.platform)) at = parse(target).root;
    ahead.unshift(...names(target));
  }
  // On Windows this also spells short names out.
  const real = await realpath(path).catch(() => undefined);
  return real === undefined ? passed : [...passed, real];
}

function names(path: string): string[] {
  const { root } = parse(path);
  const separator = process.platform === "win32" ? /[\\/]/ : /\//;
  return path
    .slice(root.length)
    .split(separator)
    .filter((name) => name !== "" && name !== ".");
}

async function isProgram(path: string): Promise<boolean> {
  try {
    // The stubs that Windows' store puts on the PATH can be started, but not be followed.
    if (process.platform === "win32") return !(await lstat(path)).isDirectory();
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
