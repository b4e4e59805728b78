// Alerts of a whole server: what an attack brings to the mailbox, the webhook and Slack, and what operators can ask about it.

import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startSmtpServer } from "../mail/test-smtp-server.ts";
import { asOperator, program, startTestApp } from "../test-app.ts";
import type { AlertBody } from "./alert-body.ts";
import { attack, hourMs } from "./test-alerts.ts";
import { startReceiver, type TestReceiver } from "./test-receiver.ts";

const ip = "203.0.113.7";
const guess = { email: "ada@example.com", password: "wrong password" };
/** No line break: a client cannot send one in a header. */
const agent = `curl/8.5.0 "><img src=x onerror=alert(1)> <!channel> @here *b* \`x\` &amp;`;

const unescaped = (slack: string): string =>
  slack.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const slackTextOf = ({ requests }: TestReceiver): string =>
  (JSON.parse(requests.at(-1)?.source ?? "{}") as { text: string }).text;

describeDatabases("alerts of a server", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function start(env: Readonly<Record<string, string>> = {}) {
    const [smtp, receiver, slack] = [await startSmtpServer(), await startReceiver(), await startReceiver()];
    const clock = { now: Date.UTC(2026, 10, 24, 10) };
    const flux = await startTestApp({
      databaseUrl: await databases.url(),
      now: () => clock.now,
      env: {
        SMTP_URL: smtp.url,
        ALERT_MAIL_TO: "ops@example.com,oncall@example.com",
        ALERT_WEBHOOK_URL: receiver.url,
        ALERT_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ALERT_SLACK_URL: slack.url,
        ...env,
      },
    });
    const admin = async (method: string, path: string) => {
      const init = { method, headers: { ...program, ...asOperator(clock.now) } };
      const response = await flux.ask(`/api/admin/security/alerts${path}`, init, "127.0.0.1");
      return { status: response.status, body: JSON.parse(await response.text()) };
    };
    const pass = async (ms: number) => {
      clock.now += ms;
      await flux.alerts.tick();
      await flux.alerts.sendDue();
      await flux.mailer.sendDue();
    };
    const bruteForce = async () => {
      for (let i = 0; i < 5; i++) await flux.post("/api/auth/login", guess, ip, { "user-agent": agent });
      expect((await flux.post("/api/auth/login", guess, ip)).status).toBe(403);
    };
    return { ...flux, smtp, receiver, slack, admin, pass, bruteForce };
  }

  it("a brute force is one mail to each operator, one post and one message, with who, what was done and what to do", async () => {
    const { smtp, receiver, slack, bruteForce, pass, decisions, accountKey } = await start();
    await bruteForce();
    await pass(10_000);
    const [block] = decisions.list(Date.UTC(2026, 10, 24, 10, 1));
    expect(smtp.mails.map(({ to, subject }) => [to, subject])).toEqual([
      [["ops@example.com"], `[high] brute-force: ip ${ip}`],
      [["oncall@example.com"], `[high] brute-force: ip ${ip}`],
    ]);
    const { text = "", html = "" } = smtp.mails[0] ?? {};
    for (const words of [
      `Done: ip ${ip} is blocked until 24 November 2026 at 11:00 UTC, by brute-force (decision ${block?.id}).`,
      `npx flux explain ip ${ip}`,
      `npx flux decisions remove ${block?.id}`,
    ])
      expect(text).toContain(words);
    expect(html).not.toMatch(/<img|<!channel/);
    expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
    const posted = receiver.requests.filter(({ body }) => body.data.incident?.rule === "brute-force");
    expect(posted).toMatchObject([{ body: { type: "alert.opened", data: { incident: { value: ip } } } }]);
    expect(slack.requests).toHaveLength(1);
    expect(slackTextOf(slack)).not.toMatch(/<|(?<!`[^`\n]*)@/);
    // Nobody reads in an alert whose account it was.
    for (const told of [text, html, slackTextOf(slack), JSON.stringify(posted)]) {
      expect(told).not.toContain(guess.email);
    }
    expect(accountKey(guess.email)).not.toContain("ada");
  });

  it("what a stranger wrote has no line, header, mark of direction, markup or mention of its own, wherever it stands", async () => {
    const { alerts, smtp, receiver, slack, pass } = await start();
    const tricks = `x\r\nBcc: victim@example.com\r\n\r\nForged\u2028more \u202Emoc.live\u202C\0\ud800 <b>&"' @channel \`*_~`;
    const event = attack(tricks, {
      ...{
        rule: "odd",
        scope: "session",
        evidence: { count: 1, threshold: 1, windowMs: 1, [tricks]: tricks },
      },
    });
    const signal = { ...event.signal, userAgent: tricks, path: `/${tricks}`, place: { country: tricks } };
    await alerts.sinks[0]?.write({ ...event, signal });
    await pass(10_000);
    const [mail] = smtp.mails;
    expect(mail?.envelope.to).toEqual(["ops@example.com"]);
    expect(mail?.headers).not.toHaveProperty("bcc");
    expect(mail?.subject).toMatch(/^\[high\] odd: session x Bcc: victim@example\.com Forged more/);
    const body = receiver.requests[0]?.body as AlertBody;
    const strings: string[] = [];
    JSON.stringify(body, (name, value) => {
      strings.push(name);
      if (typeof value === "string") strings.push(value);
      return value;
    });
    expect(strings.length).toBeGreaterThan(30);
    for (const text of [...strings, mail?.subject ?? "", ...(mail?.text.split("\n") ?? [])]) {
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      expect(text.isWellFormed()).toBe(true);
    }
    expect(mail?.text).not.toMatch(/^(?:Bcc|Forged)/m);
    expect(mail?.html).not.toMatch(/<b>|\u202e/i);
    const said = slackTextOf(slack);
    expect(said).not.toMatch(/<|>/);
    for (const line of said.split("\n")) {
      expect(line.replace(/`[^`]*`/g, "")).not.toMatch(/[@`]/);
      expect(unescaped(line)).not.toMatch(/^(?:Bcc|Forged)/);
    }
    // A command is pasted into a shell: what is odd stands in quotes, which nothing in it ends.
    const commands = body.data.next.map(({ command }) => command);
    expect(commands[0]).toMatch(/^npx flux explain session '[^']*'$/);
  });

  it("a mail server that says no, hangs up or lets mails wait does not hold up the other channels, and all mails arrive", async () => {
    const { alerts, smtp, receiver, mailer, pass } = await start();
    let tries = 0;
    smtp.behaviour.data = () => {
      tries++;
      return tries % 3 === 0 ? undefined : tries % 3 === 1 ? "hang up" : { code: 451, text: "Later" };
    };
    // More than strangers can have sent to one mailbox.
    for (let i = 0; i < 8; i++) await alerts.sinks[0]?.write(attack(ip, { rule: `rule-${i}` }));
    await pass(10_000);
    expect(receiver.requests).toHaveLength(8);
    const told = () =>
      smtp.mails
        .filter(({ subject }) => !subject?.startsWith("[over]"))
        .map(({ subject, to }) => `${subject} ${to[0]}`);
    for (let i = 0; i < 200 && told().length < 16; i++) await pass(hourMs / 12);
    expect(new Set(told()).size).toBe(16);
    expect(told()).toHaveLength(16);
    expect(await mailer.status()).toMatchObject({ dead: 0, refused: 0 });
  });

  it("operators see incidents with what was sent and what went wrong, and no secret", async () => {
    const { receiver, slack, bruteForce, pass, admin, lines } = await start({
      ALERT_WEBHOOK_SEVERITY: "high",
    });
    receiver.answer = (response) => void response.writeHead(500).end(`no ${"k".repeat(40)}`);
    await bruteForce();
    await pass(10_000);
    const { status, body } = await admin("GET", "?open=true");
    expect(status).toBe(200);
    expect(body.channels).toEqual([
      { name: "mail", description: "2 addresses", severity: "high" },
      { name: "webhook", description: new URL(receiver.url).host, severity: "high" },
      { name: "slack", description: new URL(slack.url).host, severity: "high" },
    ]);
    const [incident] = body.incidents.filter(({ rule }: { rule: string }) => rule === "brute-force");
    expect(incident).toMatchObject({
      ...{ kind: "one", scope: "ip", value: ip, closedAt: null, decision: { action: "block" } },
      deliveries: [
        { channel: "mail", status: "sent", attempts: 1 },
        { channel: "slack", status: "sent" },
        { channel: "webhook", status: "queued", attempts: 1, lastError: "it answered 500: no […]" },
      ],
    });
    expect((await admin("GET", `?id=${incident.id}`)).body.incidents).toHaveLength(1);
    const shown = JSON.stringify(body) + lines.join("");
    for (const secret of [receiver.url, slack.url, "MfKQ9r8GKY", "ops@example"])
      expect(shown).not.toContain(secret);
    for (const mistake of ["?limit=0", "?id=x", "?open=maybe"])
      expect(await admin("GET", mistake)).toMatchObject({ status: 400, body: { code: "INVALID" } });
  });

  it("a test goes through each channel and says what came back", async () => {
    const { smtp, receiver, slack, admin } = await start();
    smtp.behaviour.recipient = (address) =>
      address.startsWith("oncall") ? { code: 550, text: "No such user oncall@example.com" } : undefined;
    slack.answer = (response) => void response.writeHead(404).end("no_service");
    const { status, body } = await admin("POST", "/test");
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { channel: "mail", ok: false, answer: expect.stringContaining("550 No such user [address]") },
      { channel: "webhook", ok: true, answer: "204" },
      { channel: "slack", ok: false, answer: "it answered 404: no_service" },
    ]);
    expect(receiver.requests).toMatchObject([
      { body: { type: "alert.test", data: { title: "Test of alerts" } } },
    ]);
    smtp.behaviour = {};
    expect((await admin("POST", "/test")).body.results[0]).toMatchObject({
      ok: true,
      answer: expect.stringMatching(/^taken by the SMTP server 127\.0\.0\.1:/),
    });
  });

  it("a test says that mails reach nobody while no mail server is set", async () => {
    const { admin } = await start({ SMTP_URL: "" });
    const { body } = await admin("POST", "/test");
    expect(body.results[0]).toMatchObject({
      ok: true,
      answer: expect.stringMatching(/^taken by files in .*, as SMTP_URL is not set$/),
    });
  });
});
