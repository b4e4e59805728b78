// A lock that several commands of this repository can wait for, on this machine, and that outlives nobody.

import { createHash } from "node:crypto";
import { realpathSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const heartbeatMs = 1_000;
const abandonedAfterMs = 15_000;

/**
 * Does the work while no other process does work of the same name for the same directory.
 *
 * @param {{ root: string, name: string, waiting: string }} what `waiting` is what a person reads who has to wait.
 * @param {() => Promise<void>} work
 * @returns {Promise<void>}
 */
export async function withLock({ root, name, waiting }, work) {
  const place = createHash("sha256").update(realpathSync(root)).digest("hex").slice(0, 16);
  const lock = join(tmpdir(), `flux-${name}-${place}.lock`);
  await acquire(lock, waiting);
  const heartbeat = setInterval(() => touch(lock), heartbeatMs);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(lock, { force: true });
  }
}

/** Waits until this process holds the lock. Its holder touches it each second, so a dead holder is noticed. */
async function acquire(lock, waiting) {
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const touchedAt = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (touchedAt !== undefined && Date.now() - touchedAt > abandonedAfterMs) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!told) console.error(waiting);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Removed by someone who took this process for dead (a suspended machine): the work itself copes with that.
  }
}
