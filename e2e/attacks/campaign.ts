// All attacks one after the other at one flux-auth, and what came of them: what was noticed, who was told, what leaked.

import { setTimeout as pause } from "node:timers/promises";
import type { IncidentEntry } from "@fluxstudio/admin-api";
import { type Attack, attacks, type Outcome, type Owner } from "./attacks.ts";
import { firefox, type Scene, startScene } from "./scene.ts";

export interface Campaign {
  readonly rows: readonly Row[];
  readonly incidents: readonly IncidentEntry[];
  readonly alertMails: readonly string[];
  readonly otherMails: readonly string[];
  readonly sentryIssues: readonly string[];
  /** The status with which the owner is answered at the end, on the browser that is known. */
  readonly ownerStatus: number;
  /** Where a user agent turned up, which belongs there: that the search finds what there is to find. */
  readonly agentFoundIn: readonly string[];
  /** Where secrets turned up, as `sink: which`. */
  readonly leaks: readonly string[];
}

export interface Row extends Outcome {
  readonly attack: string;
  readonly noticed: readonly Noticed[];
}

export interface Noticed {
  readonly rule: string;
  /** From the first request of the attack; undefined when nothing was noticed. */
  readonly afterMs: number | undefined;
}

/** Longer than an alert waits for what belongs to it, and mails wait to be sent. */
const toldWithinMs = 60_000;
/** An address that is a person's own, and a password that is hers. */
const homes =
  /^(?:user\.email|user\.name|mail_outbox\.(?:recipient|html|text)|session\.token|verification\.value): /;

/** @param tell what is done next, for whoever waits */
export async function runCampaign(tell: (words: string) => void): Promise<Campaign> {
  tell("Starting flux-auth, Redis, a mail server and a receiver of Sentry's protocol ...");
  const scene = await startScene();
  try {
    const owner = await signUp(scene);
    const rows: Row[] = [];
    for (const attack of attacks) {
      tell(attack.name);
      rows.push(await observe(attack, scene, owner));
    }
    const agent = scene.canaries.plant("user agent");
    await scene.send("/api/auth/login", "192.0.2.70", {}, { "user-agent": `curl/${agent}` });
    const { status: ownerStatus } = await signIn(scene, owner);
    tell("waiting until the operators are told");
    const incidents = await toldIncidents(scene);
    const hits = await searchSinks(scene);
    const isAgent = (hit: string) => hit.endsWith(": user agent");
    return {
      ...{ rows, incidents, ownerStatus },
      alertMails: scene.alertMails(),
      otherMails: scene.otherMails(),
      sentryIssues: scene.sentryIssues(),
      agentFoundIn: hits.filter(isAgent).map((hit) => hit.split(": ")[0] ?? hit),
      leaks: hits.filter((hit) => !isAgent(hit) && !homes.test(hit)),
    };
  } finally {
    await scene.stop();
  }
}

async function observe(attack: Attack, scene: Scene, owner: Owner): Promise<Row> {
  const startedAt = Date.now();
  const outcome = await attack.run(scene, owner);
  const firstAt = async (rule: string) => {
    const times = (await scene.events())
      .filter(({ event }) => event.at >= startedAt && event.detections.some((one) => one.rule === rule))
      .map(({ event }) => event.at);
    return times.length === 0 ? undefined : Math.min(...times) - startedAt;
  };
  const noticed: Noticed[] = [];
  for (const rule of attack.rules) {
    // Events are written behind the answers.
    let afterMs = await firstAt(rule);
    for (let tries = 0; afterMs === undefined && tries < 50; tries++) {
      await pause(100);
      afterMs = await firstAt(rule);
    }
    noticed.push({ rule, afterMs });
  }
  return { attack: attack.name, ...outcome, noticed };
}

/** Who was there before. */
async function signUp(scene: Scene): Promise<Owner> {
  const [email, password] = [scene.canaries.plantEmail("owner"), scene.canaries.plant("owner's password")];
  const owner: Owner = { email, password, ip: "192.0.2.10", cookies: "" };
  const response = await scene.send("/api/auth/signup", owner.ip, { name: "Ada", email, password });
  if (response.status !== 200) throw new Error(`The sign-up was answered with ${response.status}.`);
  const again = await signIn(scene, owner);
  owner.cookies = again.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .filter((cookie) => cookie?.includes("device"))
    .join("; ");
  return owner;
}

const signIn = ({ send }: Scene, { email, password, ip, cookies }: Owner) =>
  send("/api/auth/login", ip, { email, password }, { cookie: cookies, "user-agent": firefox });

/** Every incident, when nothing about any of them still waits to be sent. */
async function toldIncidents({ alerts }: Scene): Promise<readonly IncidentEntry[]> {
  const until = Date.now() + toldWithinMs;
  for (;;) {
    const { incidents } = await alerts();
    const isTold = ({ deliveries, closedWhy }: IncidentEntry) =>
      closedWhy === "folded" ||
      (deliveries.length > 0 && deliveries.every(({ status }) => status !== "queued"));
    if (incidents.length > 0 && incidents.every(isTold)) return incidents;
    if (Date.now() > until) throw new Error(`Not told within a minute: ${JSON.stringify(incidents)}`);
    await pause(200);
  }
}

async function searchSinks({ canaries, sinks }: Scene): Promise<string[]> {
  const hits = new Set<string>();
  for (const { name, text } of await sinks()) {
    for (const place of canaries.found(text)) hits.add(`${name}: ${place}`);
  }
  return [...hits];
}
