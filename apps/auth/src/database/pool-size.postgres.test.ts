// Few connections serve many people, as nobody who holds one waits for a second one.

import { expect, it } from "vitest";
import { startProcess } from "../test-process.ts";
import { describePostgres } from "./test-database.ts";

const passwords = ["correct horse battery", "staple correct horse"] as const;
const people = Array.from({ length: 4 }, (_, i) => ({
  name: `P${i}`,
  email: `p${i}@example.com`,
  password: passwords[0],
}));

const cookiesOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

describePostgres("a pool of one connection", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("is enough for people who come at the same time", async () => {
    const server = startProcess({ DATABASE_URL: await databases.url(), DATABASE_POOL_SIZE: "1" });
    await server.ready;
    /** Of each person, with what the answer before has left in the browser. */
    const all = async (path: string, body: object | undefined, cookies: readonly string[] = []) => {
      const answers = await Promise.all(
        people.map((person, i) =>
          server.post(`/api/auth/${path}`, body ?? person, { cookie: cookies[i] ?? "" }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(people.map(() => 200));
      return answers.map(cookiesOf);
    };
    const first = await all("signup", undefined);
    // On a known device.
    const second = await all("login", undefined, first);
    await all("change-password", { currentPassword: passwords[0], newPassword: passwords[1] }, second);
    expect(server.log()).not.toContain('"level":"error"');
  });
});
