// A million networks as feeds have them: half IPv4, half IPv6, which crowd under some thousand providers; always the same.

type Next = (limit: number) => number;

/** Whole numbers below `limit` (xorshift32). */
export function random(seed: number): Next {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const providers = 5_000;
const hex = (number: number) => number.toString(16);

export function ipv4Address(next: Next): string {
  // Class A and the private networks left out.
  return `${[1 + next(9), 11 + next(89), 193 + next(30)][next(3)]}.${next(256)}.${next(256)}.${next(256)}`;
}

export function ipv6Address(next: Next): string {
  // Some providers have far more of them than others.
  const provider = Math.floor((next(1000) / 1000) ** 3 * providers);
  const block = [0x2001, 0x2400, 0x2600, 0x2804, 0x2a00, 0x2a01, 0x2a02, 0x2a0c][provider % 8] as number;
  const groups = [block, 0x100 + provider, next(0x10000), next(0x10000)];
  return [...groups, ...Array.from({ length: 4 }, () => next(0x10000))].map(hex).join(":");
}

/** @param count half of them IPv4: addresses and some /24s; IPv6 from /48 to single addresses */
export function networks(count: number): string[] {
  const next = random(20_261_125);
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? `${ipv4Address(next)}/${[32, 32, 32, 24][next(4)]}`
      : `${ipv6Address(next)}/${[128, 64, 64, 56, 48][next(5)]}`,
  );
}
