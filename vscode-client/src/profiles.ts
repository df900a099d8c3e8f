/** Choosing the profile in use, and entering and forgetting keys. */

import { ConfigurationTarget, type QuickPickItem, window, workspace } from "vscode";
import type { App } from "./app.js";
import type { ProfileInfo } from "./core/protocol.js";

interface Item extends QuickPickItem {
  readonly name: string;
}

/** Let the user pick the profile in use. It is the user's own setting. */
export async function switchProfile(app: App): Promise<void> {
  const picked = await pickProfile(app, "Which model should edit your code?");
  if (picked === undefined || picked === app.profile) return;
  const settings = workspace.getConfiguration("midstream");
  await settings.update("profile", picked, ConfigurationTarget.Global);
}

/** Ask for a profile's key and keep it in the secret storage. */
export async function enterKey(app: App): Promise<void> {
  const profile = await pickProfile(
    app,
    "Which profile is the key for?",
    (p) => p.name !== "practice",
  );
  if (profile === undefined) return;
  const key = await window.showInputBox({
    title: `Key for ${profile}`,
    prompt:
      "The key is stored in your system's secret storage. The server keeps it in memory only.",
    password: true,
    ignoreFocusOut: true,
  });
  if (key === undefined || key.trim() === "") return;
  await app.keys.put(profile, key.trim());
  await app.client.sendKeys();
  window.setStatusBarMessage(`$(key) The key for ${profile} is stored.`, 5000);
}

/** Take a key out of the secret storage. */
export async function forgetKey(app: App): Promise<void> {
  const known = Object.keys(await app.keys.all());
  if (known.length === 0) {
    void window.showInformationMessage("Midstream has no stored keys.");
    return;
  }
  const profile = await window.showQuickPick(known, {
    title: "Which profile's key should be deleted?",
  });
  if (profile === undefined) return;
  await app.keys.forget(profile);
  await app.client.sendKeys();
  window.setStatusBarMessage(`$(key) The key for ${profile} is deleted.`, 5000);
}

async function pickProfile(
  app: App,
  title: string,
  wanted: (profile: ProfileInfo) => boolean = () => true,
): Promise<string | undefined> {
  await app.learn();
  const profiles = (app.status?.profiles ?? []).filter(wanted);
  const usable = workspace.isTrusted ? profiles : profiles.filter((profile) => profile.local);
  const items = usable.map((profile): Item => ({
    name: profile.name,
    label: profile.name,
    description: profile.model,
    detail: profile.local ? "Nothing leaves this machine." : "Your code is sent to this model.",
    picked: profile.name === app.profile,
  }));
  if (items.length === 0) {
    void window.showInformationMessage(
      "There is no such profile. Add one in the setting Midstream: Profiles.",
    );
    return undefined;
  }
  const note = workspace.isTrusted
    ? ""
    : "You don't trust this workspace, so only models on this machine are offered.";
  const picked = await window.showQuickPick(items, {
    title,
    placeHolder: note,
    ignoreFocusOut: true,
  });
  return picked?.name;
}
