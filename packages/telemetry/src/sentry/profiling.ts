// Profiles of what a traced request does, when the operator has installed the module for it.

import type { Integration } from "@sentry/core";

/** Native code of some size, so that it is no dependency of ours: `npm install --no-save @sentry/profiling-node`. */
const profilingModule = "@sentry/profiling-node";

/** @returns undefined when it is not installed. @throws Error when it is, and cannot be used */
export async function loadProfiling(): Promise<Integration | undefined> {
  try {
    const { nodeProfilingIntegration } = await import(profilingModule);
    return nodeProfilingIntegration();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
