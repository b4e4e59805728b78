// Four attacks on a flux-auth, each with secrets in everything that it sends: brute force, password spraying, scanning, a stolen refresh token.

import { firefox, type Scene } from "./scene.ts";

export interface Attack {
  readonly name: string;
  /** The rules that have to notice it. */
  readonly rules: readonly string[];
  run(scene: Scene, owner: Owner): Promise<Outcome>;
}

export interface Outcome {
  readonly sent: number;
  /** Credentials that were looked at, or requests that were answered as anybody's. */
  readonly letThrough: number;
  /** At most so many may be. */
  readonly bound: number;
}

/** Somebody who was there before, on a browser that flux-auth knows. */
export interface Owner {
  readonly email: string;
  readonly password: string;
  readonly ip: string;
  /** What the browser keeps. */
  cookies: string;
}

const login = "/api/auth/login";
const guessesPerAddress = 5;
/** So many requests in a minute are a person's. */
const requestsPerMinute = 50;

const bruteForce: Attack = {
  name: "brute force: 200 passwords side by side at one account, from one address",
  rules: ["brute-force"],
  async run({ canaries, send }, { email }) {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        send(login, "203.0.113.10", { email, password: canaries.plant(`guess ${i}`) }),
      ),
    );
    return { sent: 200, letThrough: checked(answers), bound: guessesPerAddress };
  },
};

const spraying: Attack = {
  name: "spraying: one password at 240 accounts, from 12 addresses",
  rules: ["brute-force"],
  async run({ canaries, send }) {
    const password = canaries.plant("sprayed password");
    let letThrough = 0;
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, host) =>
          send(login, `198.51.100.${host}`, {
            email: canaries.plantEmail(`account ${i} of ${host}`),
            password,
          }),
        ),
      );
      letThrough += checked(answers);
    }
    return { sent: 240, letThrough, bound: 12 * guessesPerAddress };
  },
};

const scanning: Attack = {
  name: "scanning: 200 paths by a scanner, 200 by one that calls itself a browser",
  rules: ["suspicious-user-agent", "bot-activity"],
  async run({ canaries, send }) {
    let letThrough = 0;
    for (const [ip, agent] of [
      ["192.0.2.66", "sqlmap/1.8#stable (https://sqlmap.org)"],
      ["192.0.2.67", firefox],
    ] as const) {
      for (let i = 0; i < 200; i++) {
        const secret = canaries.plant(`path ${i}`);
        const headers = {
          ...{ "user-agent": agent, authorization: `Bearer ${canaries.plant(`bearer ${i}`)}` },
          ...{ cookie: `flux.session_token=${canaries.plant(`cookie ${i}`)}` },
        };
        const { status } = await send(`/api/auth/${secret}?token=${secret}`, ip, undefined, headers);
        if (status !== 403 && status !== 429) letThrough++;
      }
    }
    return { sent: 400, letThrough, bound: 2 * requestsPerMinute };
  },
};

const stolenToken: Attack = {
  name: "a stolen refresh token, shown again after its owner has used it",
  rules: ["refresh-token-reuse"],
  async run({ canaries, send }, { email, password, ip, cookies }) {
    const signedIn = await send(login, ip, { email, password, tokens: true }, { cookie: cookies });
    const first: Tokens = await tokensOf(signedIn);
    const refresh = (refreshToken: string, from: string) => send("/api/auth/refresh", from, { refreshToken });
    const second = await tokensOf(await refresh(first.refreshToken, ip));
    for (const { accessToken, refreshToken } of [first, second]) {
      canaries.learn("access token", accessToken);
      canaries.learn("refresh token", refreshToken);
    }
    let letThrough = 0;
    for (const token of [first, first, second]) {
      if ((await refresh(token.refreshToken, "203.0.113.99")).status === 200) letThrough++;
    }
    return { sent: 3, letThrough, bound: 0 };
  },
};

export const attacks: readonly Attack[] = [bruteForce, spraying, scanning, stolenToken];

/** Their passwords were looked at: they were wrong, or right. */
function checked(answers: readonly Response[]): number {
  return answers.filter(({ status }) => status === 401 || status === 200).length;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

async function tokensOf(response: Response): Promise<Tokens> {
  if (response.status !== 200) throw new Error(`The owner was answered with ${response.status}.`);
  return (await response.json()) as Tokens;
}
