// Profiles of what a traced request does, when the operator has installed the module for it.

import type { Integration } from "@sentry/core";

/**
 * Native code of some size, and all of `@sentry/node` behind it, so that it is no dependency of ours: docs/sentry.md says how it is
 * installed. The root package.json overrides which `@sentry/core` it gets: a second copy would not know the traces of ours.
 */
const profilingModule = "@sentry/profiling-node";

/**
 * @param onError told when it is installed and cannot be used, as native code for another platform cannot
 * @param module another one, for tests
 * @returns undefined when it is not installed, or cannot be used
 */
export async function loadProfiling(
  onError: (error: unknown) => void,
  module = profilingModule,
): Promise<Integration | undefined> {
  try {
    const { nodeProfilingIntegration } = await import(module);
    return nodeProfilingIntegration();
  } catch (error) {
    // A module that it lacks itself is not found, either.
    const isAway = error instanceof Error && error.message.startsWith(`Cannot find package '${module}'`);
    if (!isAway) onError(error);
    return undefined;
  }
}
