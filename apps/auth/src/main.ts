// Starts flux-auth: configuration in, one line about where everything is, requests until SIGTERM.

import { createServer, type Server } from "node:http";
import { createLogger, onShutdown } from "@fluxstudio/telemetry";
import { getRequestListener } from "@hono/node-server";
import { type Config, ConfigError, loadConfig } from "./config.ts";
import { limitConnections, timeLimits } from "./front/connections.ts";
import { createPerformanceSockets } from "./live/performance-sockets.ts";
import { loadSecret, SecretError } from "./secret.ts";
import { createServices } from "./services.ts";
import { startProblem } from "./start-problem.ts";

/** A request that is not done by then is cut off, so that the other steps keep some of their ten seconds. */
const finishMs = 5_000;
/** Above it the system lets connections wait for seconds, and whoever comes during a flood with them. It has a limit of its own, often this. */
const waitingConnections = 4_096;
/** A browser keeps its connection open after the last answer; nobody should wait for it. */
const idleCheckMs = 50;
/** How often refusals are summed into events. */
const flushMs = 10_000;

// Being imported fills the compile cache (tools/warm.mjs) and starts nothing.
if (import.meta.main) {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${inWords(error)}\n`);
    // What was opened until then would keep the process.
    process.exit(1);
  }
}

async function start(): Promise<void> {
  const config = loadConfig();
  try {
    await serve(config);
  } catch (error) {
    const problem = startProblem(error, config);
    throw problem === undefined ? error : new ConfigError([problem]);
  }
}

async function serve(config: Config): Promise<void> {
  const logger = createLogger({ level: config.logLevel });
  for (const warning of config.warnings) logger.warn(warning);
  const services = await createServices({ config, secret: loadSecret(config), logger });
  const { app, front, guard, database, jobs, mailer, shared, windows, monitoring, reports } = services;
  dropGarbage();
  // Plain HTTP; what speaks TLS or HTTP/2 to clients stands before it.
  const server = createServer(timeLimits, front(getRequestListener(app.fetch)));
  limitConnections(server, { ...config, logger });
  const watching = createPerformanceSockets({ fetch: app.fetch, feed: services.performance, logger });
  watching.attach(server);
  const timer = setInterval(() => {
    monitoring.requests.flush();
    void guard.flush().catch((error) => logger.error({ err: error }, "Flush failed"));
  }, flushMs);
  reports.watchProcess();
  // Before anybody can know that it listens: whoever ends it then must not cut off what it is doing.
  onShutdown({
    logger,
    steps: [
      { name: "stop the clock", run: () => clearInterval(timer) },
      { name: "end the live views", run: () => watching.close() },
      { name: "finish requests", run: () => finishRequests(server) },
      { name: "stop jobs", run: () => Promise.all([jobs.close(), services.feeds.close()]) },
      { name: "send mails", run: () => mailer.close() },
      { name: "flush events", run: () => guard.close() },
      { name: "send the last metrics", run: () => monitoring.close() },
      { name: "send reports", run: () => reports.close() },
      { name: "leave Redis", run: () => shared?.close() },
      { name: "close the database", run: () => database.close() },
    ],
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen({ port: config.port, host: config.host, backlog: waitingConnections }, listening.resolve);
  await listening.promise;
  void jobs.start();
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : config.port;
  const idle = guard
    .rules()
    .filter((state) => state.idle)
    .map((state) => state.rule.id);
  logger.info(
    { port, database: database.description, windows: windows.name, data: config.dataDir, idleRules: idle },
    `flux-auth listens on ${config.publicUrl.replace(/:0$/, `:${port}`)}; its data is in ${config.dataDir}`,
  );
}

/**
 * Gives back what a thousand modules left behind while they were loaded, some 17 MB: the runtime by itself would keep it
 * until the heap has grown. Takes a tenth of a second, and no request waits yet. Does nothing without `--expose-gc`, which
 * `npm start` gives.
 */
function dropGarbage(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** Connections are closed as soon as they are idle, and after `finishMs` in any case. */
async function finishRequests(server: Server): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const cut = setTimeout(() => server.closeAllConnections(), finishMs);
  await new Promise((done) => server.close(done));
  clearInterval(idle);
  clearTimeout(cut);
}

/** What an operator can mend in a sentence; of anything else everything that is known. */
function inWords(error: unknown): string {
  if (error instanceof ConfigError || error instanceof SecretError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
