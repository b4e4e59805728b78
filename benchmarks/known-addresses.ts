// How long the doors take that must not tell whether an address has an account: with one that has, and with one that has not.

import { email, fluxAuth, password } from "./flux-auth.ts";

/** The answers come at quarters of a second: half a minute for all of them. */
const rounds = 30;

type Times = { readonly known: number[]; readonly unknown: number[] };
type Ask = (address: string, i: number) => Response | Promise<Response>;

/** Milliseconds of each answer in turn, one in flight, by door. */
export async function knownAddressTimes(): Promise<Record<string, Times>> {
  const closed = await fluxAuth({ EMAIL_VERIFICATION: "required" });
  const signUp = await timesOf((address, i) =>
    closed.ask("/sign-up/email", { name: "Ada", email: address, password }, i),
  );
  const reset = await timesOf((address, i) =>
    closed.ask("/request-password-reset", { email: address }, i + 1_000),
  );
  await closed.stop();

  const open = await fluxAuth({ EMAIL_VERIFICATION: "optional" });
  await open.ask("/signup", { name: "Bob", email: "bob@example.com", password }, 65_001);
  const change = (address: string, i: number) =>
    open.ask("/change-email", { newEmail: address }, i, { cookie: open.cookie });
  const unconfirmed = await timesOf(change, "bob@example.com");
  const { internalAdapter } = await open.auth.$context;
  await internalAdapter.updateUserByEmail(email, { emailVerified: true });
  const confirmed = await timesOf((address, i) => change(address, i + 1_000), "bob@example.com");
  await open.stop();
  return {
    "sign-up": signUp,
    "forgot-password": reset,
    "change-email, address not confirmed": unconfirmed,
    "change-email, address confirmed": confirmed,
  };
}

async function timesOf(ask: Ask, known: string = email): Promise<Times> {
  const times: Times = { known: [], unknown: [] };
  for (let i = 0; i < rounds; i++) {
    for (const [k, kind] of (["known", "unknown"] as const).entries()) {
      const address = kind === "known" ? known : `nobody-${i}-${performance.now()}@example.com`;
      const start = performance.now();
      const { status } = await ask(address, i * 2 + k);
      times[kind].push(performance.now() - start);
      if (status !== 200) throw new Error(`A ${kind} address was answered with ${status}.`);
    }
  }
  return times;
}
