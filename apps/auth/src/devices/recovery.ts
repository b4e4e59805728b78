// A proof of the mailbox: it ends what guessing at the account has brought about, and makes this browser a known device.

import type { Guard } from "@fluxstudio/guard";
import { type ClientContext, clientContext } from "@fluxstudio/guard/client-context";

export interface RecoveryOptions {
  readonly guard: Guard;
  readonly accountKey: (email: string) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Recovery {
  /** Called with the owner of a mailed link that was followed. */
  prove(owner: { readonly id: string; readonly email: string }): Promise<void>;
  /** Whose mailbox this request has proved, once. */
  take(client: ClientContext): string | undefined;
}

export function createRecovery({ guard, accountKey, now }: RecoveryOptions): Recovery {
  const proved = new WeakMap<ClientContext, string>();
  return {
    async prove({ id, email }) {
      const client = clientContext.getStore();
      if (!client) return;
      proved.set(client, id);
      const { ip, userAgent, method, path, door } = client;
      const account = accountKey(email);
      await guard.record({
        type: "account-recovered",
        at: now(),
        ip,
        userAgent,
        method,
        path,
        door,
        account,
      });
    },
    take(client) {
      const userId = proved.get(client);
      proved.delete(client);
      return userId;
    },
  };
}
