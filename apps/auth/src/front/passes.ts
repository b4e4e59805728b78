// How often a device may come past a full queue: its cookie shows that it signed in before, not that it means well.

import { LRUCache } from "lru-cache";

export interface PassesOptions {
  /** For one device in `windowMs`. @default 10 */
  readonly perDevice?: number;
  /** @default 60_000 */
  readonly windowMs?: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Passes {
  /** Whether one of the devices has a pass left. */
  has(devices: readonly string[]): boolean;
  /** Takes one, if there is one. */
  take(devices: readonly string[]): boolean;
}

/** An owner who mistypes needs a few. Whoever hands the cookie of an account of his own to ten thousand machines has no more. */
export function createPasses({ perDevice = 10, windowMs = 60_000, now }: PassesOptions): Passes {
  const used = new LRUCache<string, { count: number; readonly until: number }>({ max: 10_000 });
  const usedBy = (device: string) => {
    const found = used.get(device);
    return found && found.until > now() ? found : { count: 0, until: now() + windowMs };
  };
  const withOne = (devices: readonly string[]) => devices.find((device) => usedBy(device).count < perDevice);
  return {
    has: (devices) => withOne(devices) !== undefined,
    take(devices) {
      const device = withOne(devices);
      if (device === undefined) return false;
      const { count, until } = usedBy(device);
      used.set(device, { count: count + 1, until });
      return true;
    },
  };
}
