// What is wrong with the set-up before any server runs, as JSON lines; `flux doctor` starts this and shows them.

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createPlaceLookup } from "@fluxstudio/guard";
import { sql } from "kysely";
import { type Config, ConfigError, loadConfig } from "./config.ts";
import { openDatabase } from "./database/database.ts";
import { examineRedis } from "./doctor-redis.ts";
import { directoryProblem, fileProblem } from "./events/writable.ts";
import { hasSecret, SecretError } from "./secret.ts";
import { startProblem } from "./start-problem.ts";

for await (const finding of examine()) process.stdout.write(`${JSON.stringify(finding)}\n`);

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
}

async function* examine(): AsyncGenerator<Finding> {
  let config: Config;
  try {
    config = loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const message of error.problems) yield { check: "configuration", ok: false, message };
    return;
  }
  if (config.warnings.length === 0)
    yield { check: "configuration", ok: true, message: "every variable can be used" };
  for (const message of config.warnings) yield { check: "configuration", ok: false, message };
  yield await secret(config);
  yield await database(config);
  if (config.redisUrl !== undefined) yield* examineRedis(config.redisUrl);
  if (Array.isArray(config.geoDatabases)) yield await places(config, config.geoDatabases);
  if (config.eventFile) {
    const { path } = config.eventFile;
    yield outlet("event file", "EVENT_LOG_FILE", path, await fileProblem(path));
  }
  const archive = config.retention.eventArchive;
  if (archive !== undefined)
    yield outlet("event archive", "EVENT_ARCHIVE_DIR", archive, await directoryProblem(archive));
}

function outlet(check: string, variable: string, path: string, problem: string | undefined): Finding {
  if (problem === undefined) return { check, ok: true, message: `${path} can be written to` };
  const advice = `Let the user who starts flux-auth write there, or set ${variable} to another path.`;
  return { check, ok: false, message: `${variable} cannot be written to: ${problem}. ${advice}` };
}

async function places(config: Config, databases: readonly string[]): Promise<Finding> {
  const check = "places";
  try {
    await createPlaceLookup({ databases });
    return { check, ok: true, message: `${databases.join(", ")} can be read` };
  } catch (error) {
    return { check, ok: false, message: startProblem(error, config) ?? String(error) };
  }
}

async function secret(config: Config): Promise<Finding> {
  const check = "secret";
  try {
    if (hasSecret(config)) return { check, ok: true, message: "is there" };
    const problem = await directoryProblem(config.dataDir);
    if (problem !== undefined) return outlet(check, "DATA_DIR", config.dataDir, problem);
    return { check, ok: true, message: `made in ${config.dataDir} at the first start` };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const advice =
      error instanceof SecretError ? "" : ` Let the user who starts flux-auth own ${config.dataDir}.`;
    return { check, ok: false, message: `${error.message}${advice}` };
  }
}

async function database(config: Config): Promise<Finding> {
  const check = "database";
  const { databaseUrl } = config;
  const file = databaseUrl.startsWith("sqlite:") ? databaseUrl.slice("sqlite:".length) : undefined;
  if (file !== undefined && !(await stat(file).catch(() => undefined))) {
    const problem = await directoryProblem(dirname(file));
    if (problem !== undefined) return outlet(check, "DATABASE_URL", file, problem);
    return { check, ok: true, message: `${file}: made at the first start` };
  }
  try {
    if (file !== undefined) await access(file, constants.R_OK | constants.W_OK);
    const opened = await openDatabase(databaseUrl);
    try {
      await sql`select 1`.execute(opened.kysely);
      return { check, ok: true, message: `${opened.description} answers` };
    } finally {
      await opened.close();
    }
  } catch (error) {
    const problem = startProblem(error, config);
    if (problem !== undefined) return { check, ok: false, message: problem };
    const why = error instanceof Error ? error.message || error.name : String(error);
    const advice = file === undefined ? "Look at DATABASE_URL." : `Look at ${file}, and who may write to it.`;
    return { check, ok: false, message: `cannot be used: ${why}. ${advice}` };
  }
}
