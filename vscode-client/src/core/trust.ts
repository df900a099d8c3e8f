/**
 * What of the user's settings may be used in a workspace that is not trusted: only models from
 * which nothing leaves this machine. Whatever is not clear is left out.
 */

import { PROFILE_KEYS } from "./settings.js";

/** The addresses that mean this machine, written as every reader of an address takes them. */
const HERE =
  /^(?:wss?|https?):\/\/(?:localhost|\[::1\]|127((?:\.\d{1,3}){3}))(?::\d{1,5})?(?:[/?#]|$)/i;

/** Providers whose models are where `baseUrl` says; without one they are their makers'. */
const PROVIDERS: ReadonlySet<unknown> = new Set(["openai-chat", "openai-responses", "anthropic"]);

/** Whether what is sent to a profile stays on this machine. */
export function staysHere(profile: unknown): boolean {
  if (typeof profile !== "object" || profile === null || Array.isArray(profile)) return false;
  // One with a fault is not guessed about: a misspelled place may be the one that was meant.
  if (!Object.keys(profile).every((key) => PROFILE_KEYS.has(key))) return false;
  const { url, provider, baseUrl } = profile as Readonly<Record<string, unknown>>;
  if (provider === "practice") return url === undefined && baseUrl === undefined;
  if (provider === undefined) return isLoopback(url) && baseUrl === undefined;
  return PROVIDERS.has(provider) && isLoopback(baseUrl) && url === undefined;
}

/** `initializationOptions` for a workspace that is not trusted. */
export function untrusted(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all = options["profiles"];
  const profiles = Object.fromEntries(
    Object.entries(typeof all === "object" && all !== null ? all : {}).filter(([, profile]) =>
      staysHere(profile),
    ),
  );
  const wanted = options["profile"];
  const usable = typeof wanted === "string" && Object.hasOwn(profiles, wanted);
  return { ...options, profiles, profile: usable ? wanted : "practice" };
}

/** As strict as the strictest reader: the server and its libraries read the same words anew. */
function isLoopback(place: unknown): boolean {
  // Not printable, a blank or a backslash: what some readers skip and others take for a sign.
  if (typeof place !== "string" || !/^[!-[\]-~]*$/.test(place)) return false;
  const octets = HERE.exec(place)?.[1]?.slice(1).split(".") ?? [];
  return (
    HERE.test(place) &&
    octets.every((octet) => String(Number(octet)) === octet && Number(octet) < 256)
  );
}
