// The admin API: what is decided, what happened, which rules run, and why. For operators with a token.

import {
  anyId,
  type ExplainAnswer,
  eventQuery,
  explainQuery,
  mailId,
  mailQuery,
  newAdmin,
  newDecision,
  newRole,
  newToken,
  type SetupReport,
} from "@fluxstudio/admin-api";
import { type Guard, GuardError, type Scope } from "@fluxstudio/guard";
import { refusalOf } from "@fluxstudio/guard/refusal";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import type { PasswordPolicyOptions } from "./accounts/password-policy.ts";
import { createAdmin } from "./admins.ts";
import { createAlertRoutes } from "./alerts/alert-routes.ts";
import type { Alerts } from "./alerts/alerts.ts";
import type { Auth } from "./auth.ts";
import { isUnavailable } from "./database/unavailable.ts";
import { concernsTooMany, tooBroad } from "./decisions/breadth.ts";
import { formatEvent } from "./events/event-format.ts";
import type { EventStore } from "./events/event-store.ts";
import type { Feeds } from "./feeds/feeds.ts";
import { createJobRoutes } from "./jobs/job-routes.ts";
import type { Jobs } from "./jobs/jobs.ts";
import { mailEntry } from "./mail/mail-entry.ts";
import type { Mailer } from "./mail/mailer.ts";
import { createSentryRoutes, type SentryRoutesOptions } from "./sentry/sentry-routes.ts";
import type { OperatorTokens } from "./tokens/operator-tokens.ts";

export interface AdminOptions extends SentryRoutesOptions {
  readonly guard: Guard;
  readonly events: EventStore;
  readonly tokens: OperatorTokens;
  readonly auth: Auth;
  readonly mailer: Mailer;
  readonly jobs: Jobs;
  readonly alerts: Alerts;
  readonly feeds: Pick<Feeds, "status">;
  /** What passwords are taken. */
  readonly passwords: PasswordPolicyOptions;
  readonly accountKey: (email: string) => string;
  readonly clientIp: (c: Parameters<MiddlewareHandler>[0]) => string;
  /** See `createRecordedPath`. */
  readonly recordedPath: (path: string) => string;
  readonly setup: () => SetupReport;
  readonly now: () => number;
}

export function createAdminRoutes(options: AdminOptions): Hono {
  const { guard, events, tokens, auth, mailer, accountKey, now } = options;
  /** Operators type an account as its e-mail, alone or with an address behind it; what is kept and shown is its hash. */
  const valueIn = (scope: Scope, value: string) =>
    scope === "account" || scope === "account+ip"
      ? value.trim().replace(/^\S*@\S*/, (email) => accountKey(email))
      : value;
  const routes = new Hono();
  routes.use(requireOperator(options));

  routes.get("/decisions", (c) => c.json({ decisions: guard.decisions(now()) }));
  routes.post("/decisions", async (c) => {
    const { scope, value, durationMs, force, ...rest } = parse(newDecision, await body(c.req.raw));
    if (!force && concernsTooMany(scope, value)) return c.json(tooBroad, 400);
    const until = durationMs === undefined ? null : now() + durationMs;
    const asked = { ...rest, scope, value: valueIn(scope, value), until, origin: "admin" } as const;
    try {
      return c.json(await guard.decide(asked, now()), 201);
    } catch (error) {
      return unavailable(c, error, decidedAllTheSame);
    }
  });
  routes.delete("/decisions/:id", async (c) => {
    const { id } = parse(anyId, c.req.param());
    try {
      const lifted = await guard.lift(id, now());
      return lifted
        ? c.json(lifted)
        : c.json({ code: "NOT_FOUND", message: "No active decision has this id." }, 404);
    } catch (error) {
      return unavailable(c, error, "The database does not answer, so nothing was lifted. See /readyz.");
    }
  });
  routes.get("/events", async (c) => {
    const { format, ...query } = parse(eventQuery, c.req.query());
    const found = await events.list(query);
    if (format === undefined) return c.json({ events: found });
    const formatted = found.map(({ event }) => formatEvent(event, format));
    return c.json({ events: formatted, newest: found[0]?.event.id });
  });
  routes.get("/rules", (c) =>
    c.json({
      rules: guard.rules().map(({ rule: { id, summary, severity, attack }, settings, idle }) => ({
        id,
        summary,
        severity,
        attack,
        settings,
        idle,
      })),
    }),
  );
  routes.get("/explain", async (c) => {
    const { scope, value } = parse(explainQuery, c.req.query());
    const answer: ExplainAnswer = await guard.explain(scope, valueIn(scope, value), now());
    return c.json(answer);
  });
  routes.get("/setup", (c) => c.json(options.setup()));
  routes.get("/mail", async (c) => {
    const mails = await mailer.list(parse(mailQuery, c.req.query()));
    return c.json({
      ...(await mailer.status()),
      mails: mails.map((mail) => mailEntry(mail, accountKey)),
    });
  });
  routes.post("/mail/:id/retry", async (c) => {
    const { id } = parse(mailId, c.req.param());
    return (await mailer.retry(id))
      ? c.json({ id, status: "queued" })
      : c.json({ code: "NOT_FOUND", message: "No dead mail with this id can still be sent." }, 404);
  });
  routes.route("/jobs", createJobRoutes(options));
  routes.route("/alerts", createAlertRoutes(options));
  routes.route("/sentry", createSentryRoutes(options));
  routes.get("/tokens", async (c) => c.json({ tokens: await tokens.list() }));
  routes.post("/tokens", async (c) =>
    c.json(await tokens.create(parse(newToken, await body(c.req.raw)).name), 201),
  );
  routes.post("/admins", async (c) => {
    const given = parse(newAdmin, await body(c.req.raw));
    const made = await createAdmin(auth, options.passwords, given);
    return "code" in made ? c.json(made, made.code === "EXISTS" ? 409 : 400) : c.json(made, 201);
  });
  routes.post("/roles", async (c) => {
    const { email, role } = parse(newRole, await body(c.req.raw));
    const { internalAdapter } = await auth.$context;
    const found = await internalAdapter.findUserByEmail(email.toLowerCase());
    if (!found) return c.json({ code: "NOT_FOUND", message: "No account has this e-mail." }, 404);
    await internalAdapter.updateUser(found.user.id, { role });
    return c.json({ id: found.user.id, email: found.user.email, role });
  });
  return routes;
}

type OperatorGateOptions = Pick<AdminOptions, "guard" | "clientIp" | "recordedPath" | "now"> & {
  readonly tokens: Pick<OperatorTokens, "verify">;
};

/**
 * A right token passes whatever is decided about its address: an operator must be able to lift his own block. A wrong one
 * is a failed sign-in, so guessing ends like any other guessing.
 */
export function requireOperator(
  { guard, tokens, clientIp, recordedPath, now }: OperatorGateOptions,
  door = "admin",
  wanted = "an operator token",
): MiddlewareHandler {
  return async (c, next) => {
    const token = /^Bearer (\S{1,200})$/.exec(c.req.header("authorization") ?? "")?.[1];
    if (token !== undefined && (await tokens.verify(token))) return next();
    const facts = {
      ip: clientIp(c),
      userAgent: c.req.header("user-agent"),
      path: recordedPath(c.req.path),
      method: c.req.method,
      door,
    };
    const outcome = await guard.check({ ...facts, type: "request", at: now() });
    if (outcome.action !== "allow") {
      const { status, body, headers } = refusalOf(outcome);
      return c.json(body, status, { ...headers });
    }
    if (token !== undefined)
      await guard.record({ ...facts, type: "sign-in-failure", status: 401, at: now() });
    return c.json({ code: "UNAUTHORIZED", message: `Send ${wanted}: Authorization: Bearer …` }, 401);
  };
}

const decidedAllTheSame =
  "The database does not answer. The decision is in force in this server, which stores it as soon as the database does: do not add it again. See /readyz.";

/** What a change has come to, which whoever only learns that the database is away cannot know. */
function unavailable(c: Context, error: unknown, message: string): Response {
  if (!isUnavailable(error)) throw error;
  return c.json({ code: "UNAVAILABLE", message, retryAfter: 1 }, 503, { "Retry-After": "1" });
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new HTTPException(400, { message });
}

async function body(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new HTTPException(400, { message: "The body is no JSON." });
  }
}

/** A mistake in what the caller sent, and what to answer. */
export function mistakeOf(error: unknown): { code: string; message: string } | undefined {
  if (error instanceof HTTPException) return { code: "INVALID", message: error.message };
  return error instanceof GuardError && error.code !== "STORE_TIMEOUT"
    ? { code: error.code, message: error.message }
    : undefined;
}
