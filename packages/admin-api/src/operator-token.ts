// The operator token of whoever can read the server's secret: made by the command line, checked by the server, valid for a minute.

import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** Long enough for one command on the same machine, too short to be worth stealing from a log or a process list. */
export const operatorTokenLifetimeMs = 60_000;

const purpose = "flux operator-token v1";
const pattern = /^fluxop_(\d{1,12})_([A-Za-z0-9_-]{43})$/;

/**
 * @param secret FLUX_SECRET, or the content of DATA_DIR/secret without the newline at its end
 * @param nowMs milliseconds since 1970
 * @returns `fluxop_`, the second in which it ends, `_`, and its HMAC-SHA-256 in base64url
 */
export function signOperatorToken(secret: string, nowMs: number): string {
  const expiresAt = String(Math.floor((nowMs + operatorTokenLifetimeMs) / 1000));
  return `fluxop_${expiresAt}_${signature(secret, expiresAt).toString("base64url")}`;
}

/** Whether the token was signed with this secret and is neither over nor made to last longer than a minute. */
export function verifyOperatorToken(secret: string, token: string, nowMs: number): boolean {
  const [, expiresAt, given] = pattern.exec(token) ?? [];
  if (expiresAt === undefined || given === undefined) return false;
  const remainingMs = Number(expiresAt) * 1000 - nowMs;
  const isRight = timingSafeEqual(Buffer.from(given, "base64url"), signature(secret, expiresAt));
  return isRight && remainingMs > 0 && remainingMs <= operatorTokenLifetimeMs;
}

function signature(secret: string, expiresAt: string): Buffer {
  const key = Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));
  return createHmac("sha256", key).update(expiresAt).digest();
}
