// A flux-auth for one test file: a process of its own, on a free port, with its data in a directory that is deleted.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startServer, withRetries } from "../../tools/test-services/server-process.ts";

export interface FluxAuth {
  /** The origin to open in a browser. */
  readonly url: string;
  /** Absolute; its mails are in `outbox`. */
  readonly dataDir: string;
  /** The end of its log. */
  said(): string;
  stop(): Promise<void>;
}

/** Settings beside those that give it a place of its own; they may need its address. */
export type FluxAuthSettings = (url: string) => Promise<Readonly<Record<string, string>>>;

/** @param onOutput told everything that it writes */
export async function startFluxAuth(
  settings: FluxAuthSettings = async () => ({}),
  onOutput?: (text: string) => void,
): Promise<FluxAuth> {
  const root = join(import.meta.dirname, "../..");
  let dataDir = "";
  const server = await withRetries(async () => {
    const directory = mkdtempSync(join(tmpdir(), "flux-e2e-"));
    dataDir = join(directory, "data");
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const env = await settings(url);
    return startServer({
      program: process.execPath,
      args: [join(root, "apps/auth/src/main.ts")],
      env: {
        NODE_ENV: "test",
        HOST: "127.0.0.1",
        PORT: String(port),
        PUBLIC_URL: url,
        DATA_DIR: dataDir,
        DATABASE_URL: "",
        ...env,
      },
      ...{ directory, port, url, onOutput },
      question: Buffer.from("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
      isReady: (answer) => answer.toString("latin1").startsWith("HTTP/1.1 200"),
      stopSignal: "SIGTERM",
    });
  });
  return { url: server.url, dataDir, said: () => server.said(), stop: () => server.stop() };
}
