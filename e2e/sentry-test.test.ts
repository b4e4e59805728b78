// `flux sentry test`, as an operator types it, against a server that reports to a receiver which is well, full, and gone.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { startSentryReceiver } from "@fluxstudio/telemetry/testing";
import { expect, it, onTestFinished } from "vitest";
import { startFluxAuth } from "./server/server.ts";

const flux = join(import.meta.dirname, "../apps/cli/bin/flux.mjs");

it("says whether a test event got through, by its id, and fails when it did not", async () => {
  const receiver = await startSentryReceiver();
  onTestFinished(() => receiver.close().catch(() => {}));
  const server = await startFluxAuth(async () => ({ SENTRY_DSN: receiver.dsn }));
  onTestFinished(() => server.stop());
  const command = () =>
    new Promise<{ code: unknown; said: string }>((done) => {
      const env = { PATH: process.env.PATH, FLUX_URL: server.url, DATA_DIR: server.dataDir };
      execFile(process.execPath, [flux, "sentry", "test"], { env }, (error, stdout, stderr) =>
        done({ code: error?.code ?? 0, said: stdout + stderr }),
      );
    });
  const good = await command();
  expect(good).toMatchObject({ code: 0, said: expect.stringMatching(/^ok {6}127\.0\.0\.1:\d+, project 42/) });
  const [event] = receiver.events();
  expect(good.said).toContain(`event ${event?.event_id}, `);
  receiver.behave("limited");
  expect(await command()).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^FAILED .*nothing for 60 s/),
  });
  await receiver.close();
  const gone = await command();
  expect(gone).toMatchObject({ code: 1, said: expect.stringMatching(/^FAILED .* ms: .*ECONNREFUSED/) });
  expect(gone.said).toMatch(/The test event did not get through\.\n$/);
});
