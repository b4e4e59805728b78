// Windows in Redis or Valkey, shared by any number of processes: one script call for each scope/value, all in one round trip.

import type { Scope } from "../scopes.ts";
import { createMemoryWindowStore } from "./memory-window-store.ts";
import { type RedisConnection, refuseMissingConnection } from "./redis-connection.ts";
import { digestOf, observeCall, readObserved } from "./redis-scripts.ts";
import type { WindowOperation, WindowResult, WindowStore } from "./window-store.ts";

export interface RedisWindowStoreOptions {
  /** It stays open when the store is closed: decisions may use it too. */
  readonly connection: RedisConnection;
  /** Begins every key, so that several systems can share a server. @default "flux" */
  readonly prefix?: string;
}

/** The operations of one call that are about the same scope/value, and their places in it. */
interface Group {
  readonly scope: Scope;
  readonly value: string;
  readonly operations: WindowOperation[];
  readonly places: number[];
}

/** @throws GuardError `INVALID_OPTIONS` */
export function createRedisWindowStore(options: RedisWindowStoreOptions): WindowStore {
  refuseMissingConnection(options);
  const { connection, prefix = "flux" } = options;
  return {
    name: connection.name,
    insurance: createMemoryWindowStore(),
    async observe(operations) {
      const groups = grouped(operations);
      const replies = await connection.run(
        groups.map(({ scope, value, operations }) => observeCall(keyOf(prefix, scope, value), operations)),
      );
      const results = new Array<WindowResult>(operations.length);
      groups.forEach(({ operations, places }, group) => {
        const answers = replies[group] as readonly unknown[];
        operations.forEach((operation, i) => {
          results[places[i] as number] = readObserved(operation, answers[i]);
        });
      });
      return results;
    },
  };
}

/** A signal touches few scope/values, so that looking through them is quicker than a map. */
function grouped(operations: readonly WindowOperation[]): readonly Group[] {
  const groups: Group[] = [];
  operations.forEach((operation, place) => {
    const { scope, value } = operation;
    let group = groups.find((one) => one.scope === scope && one.value === value);
    if (!group) {
      group = { scope, value, operations: [], places: [] };
      groups.push(group);
    }
    group.operations.push(operation);
    group.places.push(place);
  });
  return groups;
}

/** One hash tag, so that a cluster keeps the whole key by it. A long or odd value stands as its digest, behind another sign. */
const keyOf = (prefix: string, scope: Scope, value: string): string =>
  plain.test(value) ? `${prefix}:{${scope}:${value}}` : `${prefix}:{${scope}#${digestOf(value)}}`;

/** Visible ASCII without braces. */
const plain = /^[\x20-\x7a|~]{0,64}$/;
