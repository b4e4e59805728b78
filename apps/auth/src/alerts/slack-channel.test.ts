// What a Slack-compatible webhook is sent: nothing of a stranger's is a link, a mention or a format in it.

import { expect, it } from "vitest";
import type { AlertBody } from "./alert-body.ts";
import { createSlackChannel, slackText } from "./slack-channel.ts";
import { startReceiver } from "./test-receiver.ts";

const hostile = "<!channel> @here *bold* _it_ ~no~ `code` <https://evil.example|click> & more";

const bodyWith = (text: string): AlertBody => ({
  type: "alert.opened",
  timestamp: "2026-11-24T10:47:00.000Z",
  data: {
    ...{
      title: text,
      happened: text,
      changed: text,
      done: text,
      severity: "high",
      server: "https://a.example",
    },
    facts: [{ label: text, value: text }],
    next: [{ what: text, command: text }],
  },
});

it("marks of formats and mentions are signs that only look like them", () => {
  const lines = slackText(bodyWith(hostile)).split("\n");
  expect(lines).toHaveLength(6);
  for (const line of lines) {
    const outside = line.replace(/`[^`]*`/g, "").replace(/^\*(.*)\*$/, "$1");
    expect(outside).not.toMatch(/[<>*_~`@]|&(?!(?:amp|lt|gt);)/);
    const inside = line.match(/`[^`]*`/g) ?? [];
    for (const text of inside) expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
  }
  expect(lines[0]).toContain("&lt;!channel&gt; ＠here ∗bold∗ ＿it＿ ∼no∼ 'code'");
});

it("a long alert ends in whole lines", () => {
  const text = slackText({
    ...bodyWith("short"),
    data: {
      ...bodyWith("short").data,
      facts: Array.from({ length: 50 }, () => ({ label: "Fact", value: hostile })),
    },
  });
  expect(text.length).toBeLessThan(3_600);
  expect(text.split("`").length % 2).toBe(1);
  expect(text).toMatch(/\n…$/);
});

it("it arrives as a text", async () => {
  const receiver = await startReceiver();
  const channel = createSlackChannel({ url: receiver.url, severity: "high" });
  await channel.send({ id: "delivery-1", body: bodyWith("Something"), at: 0 }, new AbortController().signal);
  expect(receiver.requests).toMatchObject([
    {
      headers: { "idempotency-key": "delivery-1" },
      body: { text: expect.stringMatching(/^\*Something\*\n/) },
    },
  ]);
});
