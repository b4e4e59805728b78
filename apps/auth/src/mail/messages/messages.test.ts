// Every message, rendered with what a stranger would like to have in it.

import { describe, expect, it } from "vitest";
import { type Message, mailTemplates } from "../message.ts";
import type { Occasion } from "../occasion.ts";
import { render } from "../render.ts";
import { accountDeletion, accountLocked } from "./account.ts";
import { emailChangeConfirm, emailChangeVerify } from "./email-change.ts";
import { passwordChanged, resetPassword } from "./password.ts";
import { securityAlert } from "./security-alert.ts";
import { newDevice, refreshTokenReuse, secondFactorFailed } from "./sign-in.ts";
import { existingAccount, verifyEmail } from "./sign-up.ts";

const site = { name: "Flux <b>Studio</b>", url: "https://auth.example.com" };
const url = `${site.url}/page?token=t0ken&"><script>alert(1)</script>`;
const expiresAt = Date.UTC(2026, 10, 24, 11, 47);

function everyMessage(name: string, occasion: Occasion, newEmail: string): Message[] {
  const notice = { name, occasion, notMeUrl: url };
  const link = { url, expiresAt };
  return [
    accountDeletion({ name, occasion, ...link }),
    accountLocked({ name, ...link }),
    emailChangeConfirm({ name, newEmail, occasion, ...link }),
    emailChangeVerify(link),
    existingAccount({ name, occasion, signInUrl: url }),
    newDevice(notice),
    passwordChanged(notice),
    refreshTokenReuse(notice),
    resetPassword({ name, occasion, ...link }),
    secondFactorFailed(notice),
    securityAlert({
      title: `[high] brute-force: ${name}`,
      ...{ happened: `${name} guesses.`, done: `${newEmail} is blocked.` },
      facts: [{ label: name, value: occasion.userAgent ?? "" }],
      next: [{ what: "See why", command: `npx flux explain ip ${occasion.ip}` }],
    }),
    verifyEmail(link),
  ];
}

const plainOccasion: Occasion = {
  at: Date.UTC(2026, 10, 24, 10, 47),
  ip: "203.0.113.7",
  place: { country: "FR", city: "Lyon" },
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};
const plainMessages = everyMessage("Ada Lovelace", plainOccasion, "ada@new.example");

const markup = `"><img src=x onerror=alert(1)>&amp;'\`<!--`;
const forged = "x\r\nBcc: victim@example.com\r\n\r\nForged body\u2028more";
const backwards = "\u202Emoc.live\u202C\u2066x\u2069\u200F";
const tricks = `${markup}${forged}${backwards}\0\ud800`;
const hostile: Occasion = {
  at: plainOccasion.at,
  ip: tricks,
  place: { country: tricks, city: tricks },
  userAgent: `Mozilla/5.0 ${tricks} Firefox/1.0`,
};
const hostileMessages = everyMessage(tricks, hostile, tricks);

it("there is a message for every template", () => {
  expect(plainMessages.map(({ template }) => template).sort()).toEqual([...mailTemplates].sort());
});

describe.each(plainMessages)("$template", (message) => {
  it("says the same in text and in HTML, which has its link twice and nothing from elsewhere", async () => {
    const { subject, html, text } = await render(message, site);
    expect(subject).toBe(message.title);
    const shown = unescaped(html.replace(/<style>[\s\S]*?<\/style>|<[^>]*>/g, " ")).replace(/\s+/g, " ");
    for (const words of [message.greeting ?? [], message.paragraphs, message.afterwards].flat()) {
      expect(text).toContain(words);
      expect(shown).toContain(words);
    }
    for (const { label, value } of message.facts ?? []) {
      expect(text).toContain(`${label}: ${value}`);
      expect(shown).toContain(value);
    }
    // Operators are told what to type, and led nowhere.
    const hrefs = message.action ? [new URL(url).href] : [];
    for (const href of hrefs) expect(text.split(href)).toHaveLength(2);
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link = ""]) => unescaped(link));
    expect(links).toEqual([...hrefs, ...hrefs, site.url]);
    expect(hrefs).toHaveLength(message.template === "security-alert" ? 0 : 1);
    expect(html).not.toMatch(/\bsrc=|url\(|@import|<script|<img|<link/i);
  });
});

describe.each(hostileMessages)("$template, of a stranger's words", (message) => {
  it("has no markup, header, line or direction of theirs", async () => {
    const { subject, html, text } = await render(message, site);
    expect(html).not.toMatch(/<img|<script|<!--|onerror=alert\(1\)>|<b>/i);
    expect(html.match(/<!/g)).toEqual(["<!"]);
    for (const part of [subject, html, text]) {
      expect(part).not.toMatch(/[\0\r\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(part).toBe(part.toWellFormed());
    }
    expect(subject).not.toContain("\n");
    expect(text).not.toMatch(/^Bcc:|^Forged/m);
  });
});

describe("the greeting", () => {
  const greetingOf = (name: string) => everyMessage(name, plainOccasion, "a@b.example")[0]?.greeting;

  it.each(["Ada Lovelace", "Jean-Luc Dr. Picard", "Nguyễn Thị Ánh", "山田太郎", "O’Neill", "علی\u200cرضا"])(
    "has the name %s",
    (name) => {
      expect(greetingOf(name)).toBe(`Hello ${name},`);
    },
  );

  it.each(["evil.example", "https://evil.example", "Win 1000 $ now!", "<b>Ada</b>", "", "ada@example.com"])(
    "leaves out %j, which is no name but an advertisement or a link",
    (name) => {
      expect(greetingOf(name)).toBe("Hello,");
    },
  );

  it("shortens a name of a megabyte", () => {
    expect(greetingOf("a".repeat(1_000_000))).toHaveLength("Hello ,".length + 60);
  });
});

it("a button that leads to another site throws, also one that only begins alike", async () => {
  for (const elsewhere of [
    "https://evil.example/",
    `${site.url}.evil.example/`,
    `${site.url}@evil.example/`,
  ]) {
    const message = verifyEmail({ url: elsewhere, expiresAt });
    await expect(render(message, site)).rejects.toThrow(TypeError);
  }
});

function unescaped(html: string): string {
  return html
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
