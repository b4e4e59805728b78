// A token bucket: how often something may happen, with a reserve for what comes at once.

export interface TokenBucketOptions {
  /** As many may happen at once. */
  readonly burst: number;
  /** Time after which one more may happen. */
  readonly refillMs: number;
}

export interface TokenBucket {
  /** Whether it may happen at this time (milliseconds since 1970); takes a token if so. */
  take(at: number): boolean;
  /** Puts back a token that was taken and not needed. */
  giveBack(): void;
}

export function createTokenBucket({ burst, refillMs }: TokenBucketOptions): TokenBucket {
  let tokens = burst;
  let latest = Number.NEGATIVE_INFINITY;
  return {
    take(at) {
      // A clock that goes back refills nothing, and takes nothing away.
      if (at > latest) {
        tokens = Math.min(burst, tokens + (at - latest) / refillMs);
        latest = at;
      }
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    giveBack() {
      tokens = Math.min(burst, tokens + 1);
    },
  };
}
