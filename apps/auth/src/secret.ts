// The one secret of an installation, and the keys that are made of it.

import { hkdfSync, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";

/** One purpose a key, so that what one part gives away about its key says nothing about the others. */
export type KeyPurpose =
  | "account-hash"
  | "backup-codes"
  | "better-auth"
  | "database-mark"
  | "device-cookie"
  | "refresh-token"
  | "signing-keys";

type SecretErrorCode = "UNSAFE_SECRET" | "SECRET_DIFFERS";

/** A secret that cannot be trusted or used; the message says what mends it. */
export class SecretError extends Error {
  readonly code: SecretErrorCode;

  constructor(message: string, code: SecretErrorCode = "UNSAFE_SECRET") {
    super(message);
    this.name = "SecretError";
    this.code = code;
  }
}

/**
 * FLUX_SECRET, or else the content of DATA_DIR/secret, which is made (256 random bits, readable by its owner only) when
 * it is not there. Processes that start at the same time get the same one.
 * @throws SecretError when others can read or replace the file
 */
export function loadSecret(config: Pick<Config, "secret" | "dataDir">): string {
  if (config.secret !== undefined) return config.secret;
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  refuse(config.dataDir, 0o022, "chmod 700", "others can write to it");
  create(join(config.dataDir, "secret"));
  return readSecret(config.dataDir);
}

/** Whether there is a secret, and one that can be trusted; makes nothing. @throws SecretError as `loadSecret` does */
export function hasSecret(config: Pick<Config, "secret" | "dataDir">): boolean {
  if (config.secret !== undefined) return true;
  if (!statSync(join(config.dataDir, "secret"), { throwIfNoEntry: false })) return false;
  refuse(config.dataDir, 0o022, "chmod 700", "others can write to it");
  readSecret(config.dataDir);
  return true;
}

function readSecret(dataDir: string): string {
  const path = join(dataDir, "secret");
  refuse(path, 0o077, "chmod 600", "others can read it");
  const secret = readFileSync(path, "utf8").trim();
  if (secret.length < 32) {
    throw new SecretError(
      `${path} holds no secret. Remove it, and a new one is made; all sessions end then.`,
    );
  }
  return secret;
}

/** @returns 32 bytes, HKDF with SHA-256 (RFC 5869): the purpose is the info, and the secret is random enough to need no salt */
export function deriveKey(secret: string, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `flux-auth ${purpose} v1`, 32));
}

/** A number that others with the same secret get, too, and that tells nothing else about it. */
export const markOf = (secret: string): number => deriveKey(secret, "database-mark").readInt32BE();

/** Writes aside and links into place, which fails if another process was first: nobody ever sees half a secret. */
function create(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(aside, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  try {
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function refuse(path: string, forbiddenBits: number, command: string, why: string): void {
  // Windows has no such bits; Node makes some up.
  if (process.platform === "win32") return;
  const { mode } = statSync(path);
  if ((mode & forbiddenBits) === 0) return;
  const octal = (mode & 0o777).toString(8);
  throw new SecretError(`${path} has mode ${octal}, so ${why}. Run: ${command} ${path}`);
}
