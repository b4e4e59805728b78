// What every service uses to say how it is: logs, health and an orderly end.

export { createHealth, type Health, type HealthOptions, type HealthReport } from "./health.ts";
export { createLogger, type Logger, type LoggerOptions, type LogLevel, logLevels } from "./logger.ts";
export { onShutdown, type ShutdownOptions, type ShutdownStep } from "./shutdown.ts";
