// A client of the admin API: sends the token, reads the answer, turns a refusal into an error with the server's code.

import { adminBase } from "./words.ts";

export interface AdminClientOptions {
  /** The server's origin. */
  readonly url: string;
  readonly token: string;
  /** Who asks, such as `flux/1.2.3`; a browser says that itself. */
  readonly userAgent?: string;
}

export class AdminApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "AdminApiError";
    this.status = status;
    this.code = code;
  }
}

export interface AdminClient {
  /** @param path below /api/admin/security @throws AdminApiError */
  ask<Answer>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Answer>;
}

interface Refusal {
  readonly code?: string;
  readonly message?: string;
}

export function createAdminClient({ url, token, userAgent }: AdminClientOptions): AdminClient {
  return {
    async ask<Answer>(method: string, path: string, body?: unknown) {
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
      };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(`${url}${adminBase}${path}`, { method, headers, ...sent });
      const answer = (await response.json().catch(() => undefined)) as Refusal | undefined;
      if (response.ok && answer !== undefined) return answer as Answer;
      throw new AdminApiError(
        response.status,
        answer?.code ?? "FAILED",
        answer?.message ?? inWords(response.status, answer?.code),
      );
    },
  };
}

/** Of refusals that are the same for everybody flux-auth sends the code only. */
function inWords(status: number, code: string | undefined): string {
  if (code === undefined) return `The server answered ${status}, and not as flux-auth does.`;
  if (code === "UNAVAILABLE") return "The database does not answer. See /readyz.";
  return `The server answered ${status}; docs/errors.md says what to do.`;
}
