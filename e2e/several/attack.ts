// An attack on all servers at once, while an owner signs in and a blocked address keeps asking: what each of them gets.

import { knock, quantile, signIn, wasChecked } from "./client.ts";

export interface Owner {
  readonly email: string;
  readonly password: string;
}

export interface Attack {
  /** Ends it, and says what came of it. */
  end(): Promise<AttackFigures>;
}

export interface AttackFigures {
  readonly requests: number;
  readonly serverErrors: number;
  /** Passwords of one address that were looked at, at most. */
  readonly mostChecked: number;
  readonly addresses: number;
  /** Requests of the blocked address that were let through. */
  readonly unblocked: number;
  /** Sign-ins of the owner that did not succeed. */
  readonly ownerRefused: number;
  readonly ownerSignIns: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const guesses = 8;
const attackers = 4;
/** So that the machine is not what is measured. */
const pauseMs = 10;

let networks = 0;

/** @param blocked an address that is blocked at the beginning */
export function beginAttack(servers: readonly string[], owner: Owner, blocked: string): Attack {
  const network = networks++;
  const times: number[] = [];
  let goesOn = true;
  let serverErrors = 0;
  let mostChecked = 0;
  let addresses = 0;
  let unblocked = 0;
  let ownerRefused = 0;
  let ownerSignIns = 0;
  let next = 0;
  const server = () => servers[next++ % servers.length] as string;
  const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
  const note = ({ status, ms }: { status: number; ms: number }) => {
    times.push(ms);
    if (status >= 500) serverErrors++;
  };

  async function attacker(): Promise<void> {
    while (goesOn) {
      const ip = `10.${network}.${addresses >> 8}.${addresses & 255}`;
      addresses++;
      const answers = await Promise.all(
        Array.from({ length: guesses }, (_, i) =>
          signIn(server(), ip, `victim-${ip}@example.com`, `wrong password ${i}`),
        ),
      );
      answers.forEach(note);
      mostChecked = Math.max(mostChecked, answers.filter(wasChecked).length);
      await pause();
    }
  }
  async function blockedOne(): Promise<void> {
    while (goesOn) {
      const answer = await knock(server(), blocked);
      note(answer);
      if (answer.status !== 403) unblocked++;
      await pause();
    }
  }
  async function ownerHimself(): Promise<void> {
    while (goesOn) {
      const answer = await signIn(server(), "192.0.2.10", owner.email, owner.password);
      note(answer);
      ownerSignIns++;
      if (answer.status !== 200) ownerRefused++;
      await new Promise((resolve) => setTimeout(resolve, 2500));
    }
  }
  const running = Promise.all([...Array.from({ length: attackers }, attacker), blockedOne(), ownerHimself()]);
  return {
    async end() {
      goesOn = false;
      await running;
      return {
        ...{
          requests: times.length,
          serverErrors,
          mostChecked,
          addresses,
          unblocked,
          ownerRefused,
          ownerSignIns,
        },
        p50Ms: quantile(times, 0.5),
        p99Ms: quantile(times, 0.99),
      };
    },
  };
}
