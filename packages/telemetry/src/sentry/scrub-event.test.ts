// Whatever somebody puts into an event, only what is named leaves, bounded, and with no secret.

import type { Event, SpanJSON } from "@sentry/core";
import { expect, it } from "vitest";
import { scrubBreadcrumb, scrubEvent, scrubSpan } from "./scrub-event.ts";

const secret = "S3cret0123456789abcdef";

it("an event with a secret in every place that Sentry knows has none any more", () => {
  const everywhere = {
    message: `mail to ${secret}@example.com`,
    transaction: `GET /reset?token=${secret}`,
    server_name: secret,
    dist: secret,
    modules: { [secret]: "1" },
    fingerprint: [`token=${secret}`],
    tags: { where: `Bearer ${secret}` },
    extra: {
      password: secret,
      deep: { list: [{ Cookie: secret, note: `code=${secret}` }] },
      map: new Map([["token", secret]]),
    },
    user: { id: "account-1", email: secret, ip_address: secret, username: secret },
    request: {
      method: "POST",
      url: `https://flux.test/?token=${secret}`,
      query_string: secret,
      cookies: { a: secret },
      headers: { authorization: secret, "x-any": secret },
      data: secret,
      env: { A: secret },
    },
    contexts: {
      any: { secret },
      device: { name: secret },
      trace: {
        trace_id: "1",
        span_id: "2",
        data: { "http.route": "/a", "http.url": secret, "url.query": secret },
      },
    },
    breadcrumbs: [{ message: `password: ${secret}`, data: { body: { token: secret } } }],
    exception: {
      values: [
        {
          type: "Error",
          value: `Authorization: ${secret}`,
          mechanism: { type: "generic", data: { secret } },
          stacktrace: {
            frames: [
              {
                filename: "/home/ada/app/src/a.js",
                context_line: secret,
                pre_context: [secret],
                vars: { secret },
              },
            ],
          },
        },
      ],
    },
    spans: [
      {
        span_id: "3",
        trace_id: "1",
        start_timestamp: 1,
        description: `/a?b=${secret}`,
        data: { "http.query": secret },
      },
    ],
    attachments: [secret],
    [secret]: secret,
  } as unknown as Event;
  const scrubbed = JSON.stringify(scrubEvent(everywhere));
  expect(scrubbed).not.toContain(secret);
  expect(scrubbed).not.toContain("/home/ada");
  expect(scrubEvent(everywhere)).toMatchObject({ user: { id: "account-1" }, request: { method: "POST" } });
});

it("spans and breadcrumbs on their own lose theirs, too", () => {
  const data = { "db.query.text": `token=${secret}`, "net.peer": secret };
  const span = {
    span_id: "1",
    trace_id: "2",
    start_timestamp: 1,
    description: `/?code=${secret}`,
    data,
  } as unknown as SpanJSON;
  expect(JSON.stringify(scrubSpan(span))).not.toContain(secret);
  expect(scrubSpan(span).data).toEqual({ "db.query.text": "token=[redacted]" });
  const crumb = { message: `otp=${secret}`, data: { otp: secret } };
  expect(JSON.stringify(scrubBreadcrumb(crumb))).not.toContain(secret);
});

it("a huge event becomes a small one", () => {
  const long = "word ".repeat(10_000);
  const frames = Array.from({ length: 1_000 }, () => ({ filename: long, function: long }));
  const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`field-${i}`, long]));
  const circle: Record<string, unknown> = { ...fields };
  circle.self = circle;
  const huge = {
    message: long,
    extra: { circle, fields },
    tags: fields as Record<string, string>,
    breadcrumbs: Array.from({ length: 1_000 }, () => ({ message: long, data: fields })),
    exception: { values: Array.from({ length: 100 }, () => ({ value: long, stacktrace: { frames } })) },
    spans: Array.from({ length: 1_000 }, () => ({
      span_id: "1",
      trace_id: "2",
      start_timestamp: 1,
      data: {},
      description: long,
    })),
  } as unknown as Event;
  expect(JSON.stringify(scrubEvent(huge)).length).toBeLessThan(1_000_000);
});
