/**
 * Which Python runs the server, and with which of the bundled packages. Knows how to choose; how
 * to look is done elsewhere.
 */

/** The oldest Python that the server runs on. */
export const OLDEST: readonly [number, number] = [3, 11];

/** A Python that was asked what it is. */
export interface Python {
  /** How it was called. */
  readonly command: readonly string[];
  readonly version: readonly [number, number];
}

/** What the probe prints: major and minor version. */
export const PROBE = "import sys; print('%d.%d' % sys.version_info[:2])";

/** The version that the probe printed, or undefined. */
export function parseVersion(printed: string): [number, number] | undefined {
  const found = /^(\d+)\.(\d+)\s*$/.exec(printed);
  return found ? [Number(found[1]), Number(found[2])] : undefined;
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

/** What to try on the PATH, best first. */
export function commandsOnPath(platform: string): readonly (readonly string[])[] {
  const named = ["3.14", "3.13", "3.12", "3.11"];
  if (platform === "win32") return [["python"], ["py", "-3"], ...named.map((v) => ["py", `-${v}`])];
  return [["python3"], ["python"], ...named.map((v) => [`python${v}`])];
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
    "Install one, or name one in the setting midstream.pythonPath."
  );
}
