/**
 * The keys that the user has entered, in VS Code's secret storage. They are never in a setting or
 * a log; they reach the server by a request and stay in its memory.
 */

import type { Disposable, Event, SecretStorage } from "vscode";

/** One entry holds all: the storage cannot be listed in the oldest VS Code that is supported. */
const ENTRY = "midstream.keys";

export class Keys {
  constructor(private readonly secrets: SecretStorage) {}

  /** All keys, by profile. */
  async all(): Promise<Record<string, string>> {
    const stored = await this.secrets.get(ENTRY);
    if (stored === undefined) return {};
    try {
      const value: unknown = JSON.parse(stored);
      if (typeof value !== "object" || value === null) return {};
      return Object.fromEntries(
        Object.entries(value).filter(
          (pair): pair is [string, string] => typeof pair[1] === "string",
        ),
      );
    } catch {
      return {};
    }
  }

  async put(profile: string, key: string): Promise<void> {
    await this.secrets.store(ENTRY, JSON.stringify({ ...(await this.all()), [profile]: key }));
  }

  async forget(profile: string): Promise<void> {
    const { [profile]: _gone, ...others } = await this.all();
    await this.secrets.store(ENTRY, JSON.stringify(others));
  }

  /** The keys have changed, here or in another window. */
  onDidChange(listener: () => void): Disposable {
    const changed: Event<{ readonly key: string }> = this.secrets.onDidChange;
    return changed((event) => {
      if (event.key === ENTRY) listener();
    });
  }
}
