/**
 * What a PATH and the name of a program mean, on POSIX and on Windows, by their words alone: nothing is
 * looked up here.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** What Windows starts by itself. A script (`.bat`, `.cmd`) needs a shell, which we never use. */
const STARTABLE: ReadonlySet<string> = new Set([".exe", ".com"]);

/** Whether a path says the whole way, on Windows with its drive: no working directory has a say in it. */
export function isAbsolute(path: string, platform: string): boolean {
  return platform === "win32"
    ? /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/])/i.test(path)
    : path.startsWith("/");
}

/** Whether it is a name alone, which is looked for on the PATH. */
export function isName(program: string, platform: string): boolean {
  return (platform === "win32" ? /^[^\\/:]+$/ : /^[^/]+$/).test(program) && !/^\.+$/.test(program);
}

/**
 * The folders of the PATH. One that is relative, or empty, means the working directory: what lies there
 * is not the user's to vouch for, so it is left out.
 */
export function pathEntries(env: Environment, platform: string): string[] {
  const windows = platform === "win32";
  const [name] = namesOfPath(env, platform);
  const entries = (env[name ?? "PATH"] ?? "").split(windows ? ";" : ":");
  const folders = windows ? entries.map((entry) => entry.replaceAll('"', "")) : entries;
  return folders.filter((folder) => isAbsolute(folder, platform));
}

/** The same environment with these folders as its PATH. */
export function withPath(
  env: Environment,
  folders: readonly string[],
  platform: string,
): Record<string, string | undefined> {
  const [name, ...others] = namesOfPath(env, platform);
  const gone = new Set(others);
  const rest = Object.entries(env).filter(([variable]) => !gone.has(variable));
  const path = folders.join(platform === "win32" ? ";" : ":");
  return { ...Object.fromEntries(rest), [name ?? "PATH"]: path };
}

/** The files that a program's name may mean. */
export function fileNames(name: string, env: Environment, platform: string): string[] {
  if (platform !== "win32") return [name];
  const extension = /\.[^.]*$/.exec(name)?.[0].toLowerCase();
  if (extension !== undefined && STARTABLE.has(extension)) return [name];
  const listed = (env["PATHEXT"] ?? "").toLowerCase().split(";");
  const wanted = listed.filter((one) => STARTABLE.has(one));
  return (wanted.length > 0 ? wanted : [...STARTABLE]).map((one) => name + one);
}

/** Whether a path is the folder or lies in it; both without links and `..`. */
export function isWithin(path: string, folder: string, platform: string): boolean {
  const [inner, outer] = [path, folder].map((one) => comparable(one, platform));
  return `${inner ?? ""}/`.startsWith(`${outer ?? ""}/`);
}

/** As it is compared: two paths that the system may take for the same one are equal. */
function comparable(path: string, platform: string): string {
  const windows = platform === "win32";
  const plain = windows ? path.replace(/^\\\\\?\\/, "").replaceAll("\\", "/") : path;
  const folds = windows || platform === "darwin";
  return (folds ? plain.normalize("NFC").toLowerCase() : plain).replace(/\/+$/, "");
}

/** The names under which the environment has a PATH; on Windows their case does not count. */
function namesOfPath(env: Environment, platform: string): string[] {
  if (platform !== "win32") return ["PATH"];
  return Object.keys(env).filter((variable) => variable.toUpperCase() === "PATH");
}
