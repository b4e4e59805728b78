// Jobs over the admin API.

import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { asOperator, program, startTestApp } from "../test-app.ts";

const ip = "203.0.113.7";

describeDatabases("jobs over the admin API", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function start() {
    const flux = await startTestApp({ databaseUrl: await databases.url() });
    const admin = async (method: string, path: string, body?: unknown) => {
      const headers = { ...program, ...asOperator() };
      const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
      const response = await flux.ask(`/api/admin/security/jobs${path}`, { method, headers, ...sent }, ip);
      return { status: response.status, body: JSON.parse(await response.text()) };
    };
    return { ...flux, admin };
  }

  it("a run is begun, and its end is listed", async () => {
    const { admin, jobs } = await start();
    const { body } = await admin("GET", "");
    expect(body.jobs).toContainEqual({
      name: "tokens",
      description: expect.any(String),
      schedule: "11 2 * * *",
      nextRunAt: expect.any(Number),
    });
    const begun = await admin("POST", "/tokens/run");
    expect(begun).toMatchObject({ status: 202, body: { run: 1, startedAt: expect.any(Number) } });
    await jobs.idle();
    const listed = (await admin("GET", "")).body.jobs.find(({ name }: { name: string }) => name === "tokens");
    expect(listed.last).toMatchObject({ run: 1, outcome: "done", counts: { families: 0 } });
  });

  it("what is no job, and what is no wish, is refused", async () => {
    const { admin, jobs } = await start();
    expect(await admin("POST", "/nothing/run")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    for (const body of ["{", "[]", { dryRun: "yes" }, { dryrun: true }]) {
      expect(await admin("POST", "/tokens/run", body)).toMatchObject({
        status: 400,
        body: { code: "INVALID" },
      });
    }
    expect((await jobs.list()).every(({ last, running }) => !last && !running)).toBe(true);
  });

  it("a second run beside the first is refused, and strangers see nothing", async () => {
    const { admin, ask, database, jobs } = await start();
    await jobs.list();
    await database.kysely.updateTable("job").set({ lease_until: Number.MAX_SAFE_INTEGER }).execute();
    for (const dryRun of [true, false]) {
      const answer = await admin("POST", "/tokens/run", { dryRun });
      expect(answer).toMatchObject({ status: 409, body: { code: "JOB_RUNNING" } });
    }
    expect((await ask("/api/admin/security/jobs", {}, ip)).status).toBe(401);
  });
});
