// When signing keys are made, sign, and are published no longer: each is published before it signs, and after.

export interface KeySchedule {
  /** How old the newest key is when the next one is made. */
  readonly rotateEveryMs: number;
  /** How long a key is published before it signs, so that nobody meets a token whose key he has not read. */
  readonly publishBeforeMs: number;
  /** How long a key is published after its last signature: longer than a token lives. */
  readonly publishAfterMs: number;
}

export interface KeyRoles<Key> {
  /** The key that signs now; undefined when there is none. */
  readonly signer: Key | undefined;
  /** Keys whose tokens have all expired. */
  readonly retired: readonly Key[];
  /** Whether a new key is to be made. */
  readonly due: boolean;
}

/** @param keys in the order of their making */
export function keyRolesAt<Key extends { readonly createdAt: number }>(
  keys: readonly Key[],
  at: number,
  { rotateEveryMs, publishBeforeMs, publishAfterMs }: KeySchedule,
): KeyRoles<Key> {
  const newest = keys.at(-1);
  // Nothing is signed before the first key, so it need not wait.
  const ready = keys.findLastIndex(({ createdAt }) => createdAt + publishBeforeMs <= at);
  const signing = Math.max(ready, 0);
  const retired = keys.filter((_, i) => {
    const next = keys[i + 1];
    return i < signing && next !== undefined && next.createdAt + publishBeforeMs + publishAfterMs <= at;
  });
  return {
    signer: keys[signing],
    retired,
    due: newest === undefined || newest.createdAt + rotateEveryMs <= at,
  };
}
