// Starts flux-auth: configuration in, one line about where everything is, requests until SIGTERM.

import { createLogger, onShutdown } from "@fluxstudio/telemetry";
import { createAdaptorServer } from "@hono/node-server";
import { ConfigError, loadConfig } from "./config.ts";
import { loadSecret, SecretError } from "./secret.ts";
import { createServices } from "./services.ts";

/** How often refusals are summed into events. */
const flushMs = 10_000;

// Being imported fills the compile cache (tools/warm.mjs) and starts nothing.
if (import.meta.main) {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof SecretError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

async function start(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger({ level: config.logLevel });
  for (const warning of config.warnings) logger.warn(warning);
  const { app, guard, database, issuer, mailer, windows } = await createServices({
    config,
    secret: loadSecret(config),
    logger,
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(config.port, config.host, listening.resolve);
  try {
    await listening.promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new ConfigError([
      `PORT ${config.port} is in use: stop what listens there, or set PORT to another number.`,
    ]);
  }
  const timer = setInterval(() => {
    void guard.flush().catch((error) => logger.error({ err: error }, "Flush failed"));
    void issuer.families
      .prune()
      .catch((error) => logger.error({ err: error }, "Old tokens cannot be deleted"));
  }, flushMs);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : config.port;
  const idle = guard
    .rules()
    .filter((state) => state.idle)
    .map((state) => state.rule.id);
  logger.info(
    { port, database: database.description, windows: windows.name, data: config.dataDir, idleRules: idle },
    `flux-auth listens on ${config.publicUrl}; its data is in ${config.dataDir}`,
  );
  onShutdown({
    logger,
    steps: [
      { name: "stop the clock", run: () => clearInterval(timer) },
      { name: "finish requests", run: () => new Promise((done) => server.close(done)) },
      { name: "send mails", run: () => mailer.close() },
      { name: "flush events", run: () => guard.close() },
      { name: "close the database", run: () => database.close() },
    ],
  });
}
