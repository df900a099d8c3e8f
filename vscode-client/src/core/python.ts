/**
 * Which Python runs the server, and with which of the bundled packages. Knows how to choose; how
 * to look is done elsewhere.
 */

/** The oldest Python that the server runs on. */
export const OLDEST: readonly [number, number] = [3, 11];

/** A Python that was asked what it is. */
export interface Python {
  /** The path of its program, as it says itself: what was asked may be a launcher or a shim. */
  readonly executable: string;
  readonly version: readonly [number, number];
}

/** What the probe prints: a list of the interpreter's own path, and major and minor version. */
export const PROBE = "import json, sys; print(json.dumps([sys.executable, *sys.version_info[:2]]))";

/** What the probe printed, or undefined. */
export function parsePython(printed: string): Python | undefined {
  let told: unknown;
  try {
    told = JSON.parse(printed);
  } catch {
    return undefined;
  }
  if (!Array.isArray(told) || told.length !== 3) return undefined;
  const [executable, major, minor] = told as unknown[];
  if (typeof executable !== "string" || executable === "") return undefined;
  if (!Number.isInteger(major) || !Number.isInteger(minor)) return undefined;
  return { executable, version: [major as number, minor as number] };
}

export function isNewEnough([major, minor]: readonly [number, number]): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The folder of compiled packages for a version, as the bundle names it. */
export function compiledFolder([major, minor]: readonly [number, number]): string {
  return `libs-cp${String(major)}${String(minor)}`;
}

/** Whether this Python can run the bundled server, given the folders that the bundle has. */
export function fits(python: Python, folders: readonly string[]): boolean {
  return isNewEnough(python.version) && folders.includes(compiledFolder(python.version));
}

/** What to look for on the PATH, best first: a program's name, and words for it. */
export function commandsOnPath(platform: string): readonly (readonly [string, ...string[]])[] {
  const named = ["3.14", "3.13", "3.12", "3.11"];
  if (platform === "win32") {
    return [["python"], ["py", "-3"], ...named.map((v) => ["py", `-${v}`] as const)];
  }
  return [["python3"], ["python"], ...named.map((v) => [`python${v}`] as const)];
}

/** The sentence for the user when no Python fits. */
export function noPython(tried: readonly Python[], folders: readonly string[]): string {
  const versions = folders
    .map((folder) => /^libs-cp(\d)(\d+)$/.exec(folder))
    .filter((found) => found !== null)
    .map((found) => `${found[1] ?? ""}.${found[2] ?? ""}`);
  const range = versions.length > 0 ? versions.join(", ") : OLDEST.join(".");
  const found = [...new Set(tried.map((python) => python.version.join(".")))];
  const seen = found.length > 0 ? `only ${found.join(" and ")} was found` : "none was found";
  return (
    `Midstream needs Python ${range}, and ${seen}. ` +
    "Install one, or enter its path in the setting Midstream: Python Path."
  );
}
