// What stands before the application: probes, blocked clients and sign-ins for which there is no place are answered from here.

import type { ClientIp, Guard, Outcome, Signal } from "@fluxstudio/guard";
import { refusalOf } from "@fluxstudio/guard/refusal";
import { type Requests, requestContext } from "@fluxstudio/telemetry";
import { getPath } from "hono/utils/url";
import { largestBytes, tooLargeBody } from "../body-size.ts";
import { takesPassword } from "../busy.ts";
import { createForeignCheck } from "../csrf.ts";
import type { Devices } from "../devices/devices.ts";
import { asksWhose, doorOf } from "../doors.ts";
import type { FailureOptions } from "../failure.ts";
import type { JobSource } from "../fair-queue.ts";
import type { RouteLabel } from "../monitoring/route-labels.ts";
import { strangerAt } from "../password-queue.ts";
import { busyAnswer } from "../passwords.ts";
import { createAnswers } from "./answers.ts";
import { type AskerOptions, createAsker } from "./asker.ts";
import type { Exchange, FixedAnswer, Listener } from "./fixed-answers.ts";
import { createLongBodies } from "./long-bodies.ts";
import { createNet } from "./net.ts";
import type { Passes } from "./passes.ts";
import { readBody } from "./read-body.ts";
import type { WaitingRoom } from "./waiting-room.ts";

export interface FrontOptions extends AskerOptions, FailureOptions {
  readonly guard: Pick<Guard, "check" | "refused">;
  readonly room: WaitingRoom;
  readonly devices: Pick<Devices, "ofAccount" | "shown">;
  readonly passes: Passes;
  readonly requests: Requests;
  readonly clientIp: ClientIp;
  readonly labelOf: (method: string, path: string) => RouteLabel;
  readonly recordedPath: (path: string) => string;
  readonly publicUrl: string;
  /** Those whose pages may send something. */
  readonly origins: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type GoOn = () => unknown;
/** @returns a promise, which is kept when it has answered */
type Application = (...exchange: Parameters<Listener>) => unknown;

const well: FixedAnswer = { status: 200, headers: {}, body: { status: "ok" } };
const uncounted: Outcome = { action: "allow", retryAfterMs: 0, detections: [] };
const busy: FixedAnswer = { status: 503, ...busyAnswer };
/** Who has all the places that one address or network may have is not kept out by others, and no fault of this server's. */
const throttled: FixedAnswer = refusalOf({ action: "delay", retryAfterMs: 3_000, detections: [] });
const tooLarge: FixedAnswer = { status: 413, headers: {}, body: tooLargeBody };

/**
 * What it answers the application would answer alike, word for word, and need ten times as long: it makes objects of the
 * request, its headers, its body and the answer. Whatever is not certain here is left to it. And what takes a password goes on to it
 * only when its turn has come, with its body.
 * @returns makes a listener of `node:http` that hands to `next` what it does not answer
 */
export async function createFront(options: FrontOptions): Promise<(next: Application) => Listener> {
  const { guard, room, devices, passes, recordedPath, now } = options;
  const answers = await createAnswers(options);
  const askerOf = createAsker(options);
  const isForeign = createForeignCheck(options.origins);
  const attempt = createNet(options, answers.plain);
  const hasRoom = createLongBodies();

  function atDoor(exchange: Exchange, door: string, askNext: GoOn): unknown {
    const { method, path, outgoing } = exchange;
    const { cookie } = exchange.incoming.headers;
    // At any other door all are strangers.
    const shown = cookie !== undefined && asksWhose(method, path) ? devices.shown(cookie) : [];
    const goOn = async () => {
      await askNext();
      // A cookie that did not help is a pass the less, or with one of his own a blocked client would always come past here.
      if (outgoing.statusCode === 403) passes.take(shown);
    };
    const signal = signalOf(exchange, door);
    // Of a block by address the application knows best whom it concerns, once it knows whose device it is.
    const refused = passes.has(shown) ? undefined : guard.refused(signal);
    if (refused) return answers.refused(exchange, refused);
    if (method !== "POST" || !takesPassword(door)) return goOn();
    return queueUp(exchange, signal, shown, goOn);
  }

  function queueUp(exchange: Exchange, signal: Signal, shown: readonly string[], goOn: GoOn): unknown {
    const { headers } = exchange.incoming;
    const stranger = strangerAt(signal.ip);
    // To look whose account is asked for costs a little: a cookie is good for some a minute, or it would be the way around the queue.
    const mayBeKnown = shown.length > 0 && (!room.isFull(stranger) || passes.take(shown));
    if (!mayBeKnown && room.refuses(stranger)) return turnAway(exchange, signal, stranger);
    const withBody = async (body: Buffer | "too-long") => {
      if (body === "too-long") {
        answers.plain(exchange, tooLarge);
        return;
      }
      const asker = mayBeKnown ? await askerOf(signal.ip, headers.cookie ?? "", body) : stranger;
      wait(exchange, signal, asker, body, goOn);
    };
    readBody(exchange.incoming, largestBytes, (body) => attempt(exchange, () => withBody(body)));
    return undefined;
  }

  function wait(exchange: Exchange, signal: Signal, asker: JobSource, body: Buffer, goOn: GoOn): void {
    const { incoming, outgoing } = exchange;
    room.enter(asker, {
      turnAway: () => attempt(exchange, () => turnAway(exchange, signal, asker)),
      goOn({ leave }) {
        if (outgoing.destroyed) {
          leave();
          return;
        }
        outgoing.once("close", leave);
        // This is where @hono/node-server looks for a body that was read before.
        Object.assign(incoming, { rawBody: body });
        // Its connection may never end what is written: answers go out in turn, and nobody has to read the first.
        void attempt(exchange, goOn).finally(leave);
      },
    });
  }

  /** Nobody looks at the password, but the request counts: who floods a full queue is a bot all the same. */
  function turnAway(exchange: Exchange, signal: Signal, asker: JobSource): unknown {
    const request = answers.begin(exchange);
    const answer = room.hasItsShare(asker) ? throttled : busy;
    const outcome = requestContext.run(request, () => guard.check(signal));
    const done = ({ action, ...more }: Outcome) => {
      if (action === "allow" || action === "lock") answers.busy(exchange, answer, request);
      else answers.refused(exchange, { action, ...more }, request);
    };
    return outcome instanceof Promise ? outcome.catch(() => uncounted).then(done) : done(outcome);
  }

  function signalOf({ incoming: { headers, socket }, method, path }: Exchange, door: string): Signal {
    const header = (name: string) => headers[name] as string | undefined;
    const ip = options.clientIp({ socketAddress: socket.remoteAddress, header });
    return {
      ...{ type: "request", at: now(), ip, userAgent: headers["user-agent"] },
      ...{ method, path: recordedPath(path), door },
    };
  }

  function pass(exchange: Exchange, next: Application): unknown {
    const { incoming, outgoing, method, path } = exchange;
    const goOn: GoOn = () => next(incoming, outgoing);
    if (path === "/healthz" && method === "GET") return answers.toProbe(exchange, well);
    if (!hasRoom(exchange)) return answers.busy(exchange, busy);
    const door = doorOf(method, path);
    // Whose pages may send what, the application says.
    if (door === undefined || isForeign(method, (name) => incoming.headers[name] as string | undefined))
      return goOn();
    return atDoor(exchange, door, goOn);
  }

  return (next) => (incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    const bare = { incoming, outgoing, method };
    void attempt(bare, () => pass({ ...bare, path: pathOf(url) }, next));
  };
}

const plainPath = /^\/[\w/-]*$/;

/** As the application's router finds it: `/%6Cogin` is a spelling of `/login`. */
function pathOf(url: string): string {
  const query = url.indexOf("?");
  const path = query < 0 ? url : url.slice(0, query);
  if (plainPath.test(path)) return path;
  const full = URL.parse(url, "http://localhost");
  // What is no address the application refuses.
  return full === null ? "" : getPath({ url: full.href } as Request);
}
