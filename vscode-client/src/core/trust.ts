/**
 * What of the user's settings may be used in a workspace that is not trusted: only models from
 * which nothing leaves this machine.
 */

/** Where a profile in the settings leads. */
interface Place {
  readonly url?: unknown;
  readonly provider?: unknown;
  readonly baseUrl?: unknown;
}

/** Whether what is sent to a profile stays on this machine. */
export function staysHere(profile: unknown): boolean {
  if (typeof profile !== "object" || profile === null) return false;
  const { url, provider, baseUrl } = profile as Place;
  if (provider === "practice") return true;
  const place = url ?? baseUrl;
  return typeof place === "string" && isLoopback(place);
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

function isLoopback(place: string): boolean {
  try {
    const { hostname } = new URL(place);
    return (
      hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname)
    );
  } catch {
    return false;
  }
}
