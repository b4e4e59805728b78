// What keeps flux-auth from starting, in one line that names the variable to look at.

import { GuardError } from "@fluxstudio/guard";
import type { Config } from "./config.ts";
import { isUnavailable } from "./database/unavailable.ts";

type Known = Pick<Config, "dataDir" | "host" | "port">;

/** PostgreSQL's classes for a wrong user or password and for a database that is not there, and "insufficient privilege". */
const postgresRefusals = /^(?:28...|3D...|42501)$/;

/** Of the server, or of the user or the database when it has a limit of its own. */
const tooManyConnections = "53300";

/** @returns undefined for an error that no variable is known to cause */
export function startProblem(error: unknown, config: Known): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const problem = listening(error, config) ?? files(error, config) ?? places(error) ?? database(error);
  return problem?.replaceAll(/\s*\n\s*/g, " ");
}

function listening(error: NodeJS.ErrnoException, { host, port }: Known): string | undefined {
  if (error.code === "EADDRINUSE")
    return `PORT ${port} is in use: stop what listens there, or set PORT to another number.`;
  if (error.syscall === "listen" && error.code === "EACCES")
    return `PORT ${port} is not for this user to listen on: set PORT to a number above 1023.`;
  const isOurHost = "hostname" in error && error.hostname === host;
  if (error.syscall !== "listen" && !(error.syscall === "getaddrinfo" && isOurHost)) return undefined;
  return `HOST ${host ?? ""} is no address of this machine (${error.code}): set HOST to one, such as 127.0.0.1, or leave it out.`;
}

function files(error: NodeJS.ErrnoException, { dataDir }: Known): string | undefined {
  const { code = "", path } = error;
  if (path === undefined) return undefined;
  const variable = path.startsWith(dataDir) || dataDir.startsWith(path) ? "DATA_DIR" : "DATABASE_URL";
  if (code === "EEXIST" || code === "ENOTDIR")
    return `${variable}: ${path} cannot be a directory, as there is a file in its place. Set ${variable} to another path.`;
  if (!["EACCES", "EPERM", "EROFS", "EISDIR"].includes(code)) return undefined;
  return `${variable}: ${error.message}. Let the user who starts flux-auth own it, or set ${variable} to another path.`;
}

function places(error: Error): string | undefined {
  if (!(error instanceof GuardError) || error.code !== "PLACE_DATABASE_UNREADABLE") return undefined;
  return `GEO_DATABASE: ${error.message}. Write the paths of MMDB files, or none.`;
}

function database(error: Error): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  const why = error.message || code || error.name;
  if (postgresRefusals.test(String(code)))
    return `DATABASE_URL: the database does not let flux-auth in: ${why}. Look at user, password and database in it.`;
  if (code === "NOT_A_DATABASE" || "errcode" in error)
    return `DATABASE_URL: the SQLite file cannot be used: ${why}. By default it is flux.db in DATA_DIR.`;
  if (code === tooManyConnections)
    return `DATABASE_POOL_SIZE: PostgreSQL has no connection left: ${why}. Each flux-auth takes up to so many, and three more while it starts: set it to a lower number, or max_connections of PostgreSQL to a higher one.`;
  if (!isUnavailable(error)) return undefined;
  return `DATABASE_URL: the database does not answer: ${why}. Is it running, and is this its host and port?`;
}
