/**
 * Which settings go to the server, and by which of its two ways.
 *
 * What the user has set goes into `initializationOptions`, where a profile may stand. What a
 * workspace has set goes into `workspace/configuration`, where the server lets it do no harm. VS
 * Code mixes the two if asked for the value, so each is asked for by itself. What nobody has set is
 * not sent: the user's own config.toml stands behind these settings.
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
] as const;
export type Key = (typeof KEYS)[number];

/** Those that a workspace may set. */
export const WORKSPACE_KEYS: ReadonlySet<Key> = new Set<Key>([
  "prompts",
  "publish",
  "cancelLeaves",
  "maxEditsPerSecond",
  "patchFromLines",
  "ignore",
]);

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

/** `workspace/configuration`: what the workspace has set; nothing where it is not trusted. */
export function ofWorkspace(inspect: Inspect, trusted: boolean): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  if (!trusted) return found;
  for (const key of WORKSPACE_KEYS) {
    const set = inspect(key);
    const value = set?.workspaceFolderValue ?? set?.workspaceValue;
    if (value !== undefined) found[key] = value;
  }
  return found;
}
