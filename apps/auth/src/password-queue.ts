// Who waits for a password to be checked, how many may, and as whom they count.

import { availableParallelism } from "node:os";
import { ipScopeValue, prefixOf } from "@fluxstudio/guard";
import type { JobSource } from "./fair-queue.ts";

/** Passwords that are hashed at the same time. */
export const hashesAtOnce = availableParallelism();

export const queueLimits = {
  /** Some 3 s of work on two cores; above it the server says that it is busy. */
  maxWaiting: 200,
  /** From one address: an office that signs in at nine gets through, and it takes many addresses to fill the queue. */
  maxWaitingPerSource: 16,
  /** From one network: whoever rents an IPv6 /48 has 65,536 of what counts as an address, an IPv4 /24 has 256. */
  maxWaitingPerNetwork: 64,
  /** Besides them for devices that the account knows: a flood of strangers keeps no owner out. */
  keptForKnown: 50,
};

const networkBits = { ipv4: 24, ipv6: 48 };

export function strangerAt(ip: string): JobSource {
  const network = prefixOf(ip, ip.includes(":") ? networkBits.ipv6 : networkBits.ipv4) ?? ip;
  return { value: ipScopeValue(ip), network, isKnown: false };
}

/** @param device of the account that is asked for */
export const knownDevice = (device: string): JobSource => ({ value: device, network: "", isKnown: true });

/** What runs outside of a request has a place of its own. */
export const ourselves: JobSource = { value: "", network: "", isKnown: false };
