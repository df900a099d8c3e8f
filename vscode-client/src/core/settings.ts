/**
 * Which settings go to the server, and by which of its two ways.
 *
 * What the user has set goes into `initializationOptions`, where a profile may stand. What a
 * workspace has set goes the way of `workspace/configuration`, where the server lets it do no harm.
 * VS Code mixes the two if asked for the value, so each is asked for by itself. What nobody has set
 * is not sent: the user's own config.toml stands behind these settings.
 *
 * The first way is open at the start only, and a server is not started anew while an edit waits for
 * the user. So what a workspace may set goes the second way too when the user has set it; but not
 * where a workspace may set less than the user, since the server takes the second way for theirs.
 */

/** All keys of the server's settings. */
export const KEYS = [
  "profile",
  "profiles",
  "prompts",
  "publish",
  "cancelLeaves",
  "maxEditsPerSecond",
  "patchFromLines",
  "ignore",
  "redactSecrets",
  "refuseInvisible",
  "readAhead",
  "context",
  "rules",
  "imports",
] as const;
export type Key = (typeof KEYS)[number];

/** All keys of a profile. */
export const PROFILE_KEYS: ReadonlySet<string> = new Set([
  "url",
  "provider",
  "baseUrl",
  "allowInsecure",
  "model",
  "form",
  "reasoningEffort",
  "serviceTier",
  "maxOutputTokens",
  "temperature",
  "contextTokens",
  "idleTimeout",
  "role",
  "apiKeyEnv",
  "apiKeyCommand",
  "apiKeyring",
]);

/** Those that a workspace may set. */
export const WORKSPACE_KEYS: ReadonlySet<Key> = new Set<Key>([
  "prompts",
  "publish",
  "cancelLeaves",
  "maxEditsPerSecond",
  "patchFromLines",
  "ignore",
  "context",
  "rules",
  "imports",
]);

/** Those of which a workspace may set less than the user. */
const LESS_FROM_WORKSPACE: ReadonlySet<Key> = new Set<Key>(["context", "rules", "imports"]);

/** A setting as `WorkspaceConfiguration.inspect` tells it. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

export type Inspect = (key: Key) => Inspected | undefined;

/** `initializationOptions`: what the user has set. */
export function ofUser(inspect: Inspect): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const key of KEYS) {
    const value = inspect(key)?.globalValue;
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/**
 * `workspace/configuration`: what a workspace may set, and has set; else what the user has. Where it
 * is not trusted, only the latter. `others` are the other folders of the workspace: what they say of
 * `ignore` counts too.
 */
export function ofEither(
  inspect: Inspect,
  trusted: boolean,
  others: readonly Inspect[] = [],
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const key of WORKSPACE_KEYS) {
    const set = inspect(key);
    const theirs = trusted ? (set?.workspaceFolderValue ?? set?.workspaceValue) : undefined;
    const value =
      key === "ignore"
        ? ignored(set, trusted ? [set, ...others.map((other) => other(key))] : [])
        : joined(key, set?.globalValue, theirs);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/** Whether every accept adds the imports that an edit offers: only the user can say so. */
export function addsImports(inspect: Inspect, trusted: boolean): boolean {
  const set = inspect("imports");
  const theirs = trusted ? (set?.workspaceFolderValue ?? set?.workspaceValue) : undefined;
  return set?.globalValue === "add" && (theirs === undefined || theirs === "add");
}

/** One setting as the user and as the workspace has it; undefined if neither has. */
function joined(key: Key, user: unknown, workspace: unknown): unknown {
  if (LESS_FROM_WORKSPACE.has(key)) return workspace;
  if (key === "prompts" && isObject(user) && isObject(workspace)) return { ...user, ...workspace };
  return workspace ?? user;
}

/**
 * All that is said of files not to be sent, by the user and in each folder. What is no list of globs
 * goes to the server as it is, which then sends nothing.
 */
function ignored(user: Inspected | undefined, theirs: readonly (Inspected | undefined)[]): unknown {
  const said = [
    user?.globalValue,
    ...theirs.flatMap((set) => [set?.workspaceValue, set?.workspaceFolderValue]),
  ]
    .filter((value) => value !== undefined)
    .map((value) => (typeof value === "string" ? [value] : value));
  if (said.length === 0) return undefined;
  const wrong = said.find((value) => !Array.isArray(value));
  if (wrong !== undefined) return wrong;
  const [mine, ...more] = said as unknown[][];
  // Files can only be added this way; what takes some out again is known since the start.
  const added = user?.globalValue === undefined ? mine : mine?.filter(adds);
  return [...new Set([...(added ?? []), ...more.flat()])];
}

function adds(glob: unknown): boolean {
  return typeof glob !== "string" || !glob.startsWith("!");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
