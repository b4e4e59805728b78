// An exchange is decided by the database: one of any number, in however many processes, and none when the session is over.

import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database/database.ts";
import { describeDatabases, type TestDatabases } from "../database/test-database.ts";
import { createRefreshFamilies, type TokenState } from "./refresh-families.ts";
import { startWithAda } from "./test-tokens.ts";

const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";

/** Two processes on one database, with a session. */
async function setUp(databases: TestDatabases) {
  const url = await databases.url();
  const { clock, database, signIn } = await startWithAda(url);
  await signIn({});
  const options = { secret, now: () => clock.now, graceMs: 20_000 };
  const here = createRefreshFamilies({ ...options, database });
  const elsewhere = createRefreshFamilies({ ...options, database: await databases.open(url) });
  const { rows } = await sql<{ id: string }>`select id from session limit 1`.execute(database.kysely);
  return { here, elsewhere, database, sessionId: rows[0]?.id ?? "" };
}

type Fresh = Extract<TokenState, { kind: "fresh" }>;

async function exchange(families: ReturnType<typeof createRefreshFamilies>, token: string) {
  const state = await families.look(token);
  return state.kind === "fresh" ? state.exchange() : state;
}

const closeSession = (database: Database) => sql`delete from session`.execute(database.kysely);

describeDatabases("families", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("give one successor to 1,000 parallel exchanges in two processes", async () => {
    const { here, elsewhere, sessionId } = await setUp(databases);
    const token = await here.begin(sessionId);
    // All of them have found it fresh before the first exchanges it.
    const fresh: Fresh[] = [];
    while (fresh.length < 1_000) {
      const looks = Array.from({ length: 50 }, (_, i) => (i % 2 ? here : elsewhere).look(token));
      fresh.push(...(await Promise.all(looks)).filter((state) => state.kind === "fresh"));
    }
    const states = await Promise.all(fresh.map((state) => state.exchange()));
    expect(states.filter(({ kind }) => kind === "exchanged")).toHaveLength(1);
    expect(states.filter(({ kind }) => kind === "again")).toHaveLength(999);
    const successors = states.map((state) => "successor" in state && state.successor);
    expect(new Set(successors).size).toBe(1);
  }, 60_000);

  it("exchange nothing when the session ends between the look and the exchange", async () => {
    const { here, database, sessionId } = await setUp(databases);
    const state = await here.look(await here.begin(sessionId));
    await closeSession(database);
    expect(state.kind === "fresh" && (await state.exchange())).toEqual({ kind: "ended" });
  });

  it("end once, whoever asks for it, and exchange nothing from then on", async () => {
    const { here, elsewhere, sessionId } = await setUp(databases);
    const token = await here.begin(sessionId);
    await exchange(here, token);
    expect(await here.look(token)).toMatchObject({ kind: "again" });
    expect(await here.endOfSession(sessionId)).toBeTypeOf("number");
    expect(await elsewhere.endOfSession(sessionId)).toBeUndefined();
    expect(await elsewhere.look(token)).toEqual({ kind: "ended" });
  });

  it("of one session are apart: the token of one is not the other's", async () => {
    const { here, sessionId } = await setUp(databases);
    const [one, other] = [await here.begin(sessionId), await here.begin(sessionId)];
    expect(one).not.toBe(other);
    expect(await exchange(here, one)).toMatchObject({ kind: "exchanged" });
    expect(await here.look(other)).toMatchObject({ kind: "fresh" });
    const swapped = one.slice(0, 30) + other.slice(30);
    expect(await here.look(swapped)).toEqual({ kind: "unknown" });
  });
});
