// Asks whether a mailed link still works, before anybody thinks of a new password; the link is not used up by it.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { type Problem, toProblem } from "../../problems/problem.ts";

/**
 * The guard counts a wrong token as it does when a password comes with it, so nothing is told here that submitting does not tell.
 * @returns undefined also when it could not be found out: the form finds out then.
 */
export async function problemOfResetLink(token: string): Promise<Problem | undefined> {
  const back = new URLSearchParams({ callbackURL: pagePaths.resetPassword });
  try {
    const response = await fetch(`/api/auth/reset-password/${encodeURIComponent(token)}?${back}`);
    if (!response.ok) return toProblem({ ...(await response.json()), status: response.status }, Date.now());
    const code = new URL(response.url).searchParams.get("error");
    return code === null ? undefined : toProblem({ code }, Date.now());
  } catch {
    return undefined;
  }
}
