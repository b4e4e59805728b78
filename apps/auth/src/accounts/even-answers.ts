// Answers that must not tell by their time whether there is an account.

import { setTimeout as wait } from "node:timers/promises";
import { clientContext } from "@fluxstudio/guard/client-context";
import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";

/** Longer than either way takes on a machine that is not overloaded: `npm run bench -- failures` measures what is left. */
const stepMs = 250;

/** Each answer goes out at the next full quarter of a second since its request, so a few statements more or less do not show. */
export function evenAnswers(paths: readonly string[]) {
  const startedAt = new WeakMap<object, number>();
  const matcher = ({ path }: { path?: string | undefined }) => paths.includes(path ?? "");
  return {
    id: "flux-even-answers",
    hooks: {
      before: [
        {
          matcher,
          handler: createAuthMiddleware(async () => {
            const client = clientContext.getStore();
            if (client) startedAt.set(client, performance.now());
          }),
        },
      ],
      after: [
        {
          matcher,
          handler: createAuthMiddleware(async () => {
            const client = clientContext.getStore();
            const started = client && startedAt.get(client);
            if (started === undefined) return;
            await wait(stepMs - ((performance.now() - started) % stepMs));
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}
