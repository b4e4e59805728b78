// A bounded line of jobs whose sources take turns; when it is full, whoever has the most in it makes room.

export interface Source {
  /** Whoever waits for himself: one address, or one device. */
  readonly value: string;
  /** Where it is one of many: a network out of which one person may have thousands of addresses. */
  readonly network: string;
}

export interface LaneLimits {
  /** Jobs that wait at most, all sources together. */
  readonly maxWaiting: number;
  /** Jobs of one source that wait at most. */
  readonly maxWaitingPerSource: number;
  /** Jobs of one network that wait at most. @default no limit of its own */
  readonly maxWaitingPerNetwork?: number;
}

export interface Waiting {
  start(): void;
  reject(): void;
}

export interface Lane {
  hasPlaceFor(source: Source): boolean;
  /** Whether it, or its network, has as many waiting as one may have, whatever others do. */
  hasItsShare(source: Source): boolean;
  /** Rejects the latest job of whoever makes room. False, and nothing done: there is no place. */
  add(source: Source, job: Waiting): boolean;
  /** Takes out whose turn it is. */
  next(): Waiting | undefined;
  readonly length: number;
}

interface Line {
  readonly source: Source;
  /** Never empty. */
  readonly jobs: Waiting[];
}

export function createLane(limits: LaneLimits): Lane {
  const { maxWaiting, maxWaitingPerSource, maxWaitingPerNetwork = maxWaiting } = limits;
  /** By source, in the order in which their turns come. */
  const lines = new Map<string, Line>();
  const ofNetwork = new Map<string, number>();
  let length = 0;
  let known: { readonly line: Line | undefined; readonly network: string } | undefined;

  const ownOf = (value: string): number => lines.get(value)?.jobs.length ?? 0;
  const inNetwork = (network: string): number => ofNetwork.get(network) ?? 0;

  function count(network: string, change: number): void {
    length += change;
    known = undefined;
    const left = inNetwork(network) + change;
    if (left > 0) ofNetwork.set(network, left);
    else ofNetwork.delete(network);
  }

  /** Of several the latest. */
  function longestLine(network?: string): Line | undefined {
    let longest: Line | undefined;
    for (const line of lines.values()) {
      if (network !== undefined && line.source.network !== network) continue;
      if (!longest || line.jobs.length >= longest.jobs.length) longest = line;
    }
    return longest;
  }

  /** Asked for each of a flood, which changes nothing: found anew only when somebody has come or gone. */
  function most(): { readonly line: Line | undefined; readonly network: string } {
    if (known) return known;
    let largest = "";
    for (const network of ofNetwork.keys()) if (inNetwork(network) > inNetwork(largest)) largest = network;
    known = { line: longestLine(), network: largest };
    return known;
  }

  /** Who makes room for one more of this source: nobody if that is no fairer than before. `free`: there is room. */
  function roomFor({ value, network }: Source): Line | "free" | undefined {
    const own = ownOf(value);
    if (own >= maxWaitingPerSource) return undefined;
    const hasMore = (line: Line | undefined) => (line && line.jobs.length > own + 1 ? line : undefined);
    if (inNetwork(network) >= maxWaitingPerNetwork) return hasMore(longestLine(network));
    if (length < maxWaiting) return "free";
    const longest = hasMore(most().line);
    if (longest) return longest;
    const largest = most().network;
    return inNetwork(largest) > inNetwork(network) + 1 ? longestLine(largest) : undefined;
  }

  function removeLast({ source, jobs }: Line): Waiting | undefined {
    const last = jobs.pop();
    if (jobs.length === 0) lines.delete(source.value);
    count(source.network, -1);
    return last;
  }

  return {
    hasPlaceFor: (source) => roomFor(source) !== undefined,
    hasItsShare: ({ value, network }) =>
      ownOf(value) >= maxWaitingPerSource ||
      (limits.maxWaitingPerNetwork ?? Number.POSITIVE_INFINITY) <= inNetwork(network),
    add(source, job) {
      const room = roomFor(source);
      if (room === undefined) return false;
      if (room !== "free") removeLast(room)?.reject();
      const line = lines.get(source.value) ?? { source, jobs: [] };
      line.jobs.push(job);
      lines.set(source.value, line);
      count(source.network, 1);
      return true;
    },
    next() {
      const [first] = lines.values();
      if (!first) return undefined;
      const { source, jobs } = first;
      const job = jobs.shift();
      count(source.network, -1);
      // To the end of the line.
      lines.delete(source.value);
      if (jobs.length > 0) lines.set(source.value, first);
      return job;
    },
    get length() {
      return length;
    },
  };
}
