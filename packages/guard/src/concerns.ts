// Whom a decision concerns: a known device or a passkey is not refused for what strangers did behind its address or to its account.

import type { Decision } from "./decision.ts";
import type { Scope } from "./scopes.ts";
import { knownDevice, type Signal } from "./signal.ts";

/** Strangers share these with a device. */
const shared: ReadonlySet<Scope> = new Set(["ip", "ip-prefix", "account+ip", "asn"]);

/**
 * Of what rules and feeds decide about an account, only a block or a lock means its known devices, and who shows what cannot be
 * guessed: a delay and a step-up are about whoever guesses. An operator's word concerns everybody, and so does an `allow`.
 */
export function concerns({ action, origin, scope }: Decision, signal: Signal): boolean {
  if (origin === "admin" || action === "allow") return true;
  const isKnown = knownDevice(signal) !== undefined;
  if (scope === "account" && (isKnown || signal.unguessable)) return action === "block" || action === "lock";
  return !(isKnown && shared.has(scope));
}
