import { describe, expect, it } from "vitest";
import { createSshdParser } from "./sshd.ts";

const ip = "198.51.100.4";
/** Failures that the messages of one connection add up to. */
function failures(messages: readonly string[], pid = 7): number {
  const parse = createSshdParser({ year: 2026 });
  return messages.reduce((sum, message) => {
    const parsed = parse(`Mar  2 10:20:30 host sshd[${pid}]: ${message}`);
    return sum + (parsed?.kind === "outcome" && parsed.outcome === "failure" ? parsed.count : 0);
  }, 0);
}
const one = (message: string) => createSshdParser({ year: 2026 })(`Mar  2 10:20:30 host sshd[7]: ${message}`);

describe("sshd message", () => {
  it.each([
    `Failed password for root from ${ip} port 22 ssh2`,
    `Failed password for invalid user root from ${ip} port 22 ssh2`,
    `Failed keyboard-interactive/pam for root from ${ip} port 22 ssh2`,
    `Invalid user root from ${ip} port 22`,
    `Invalid user root from ${ip}`,
    `Illegal user root from ${ip}`,
    `error: maximum authentication attempts exceeded for root from ${ip} port 22 ssh2 [preauth]`,
    `error: maximum authentication attempts exceeded for invalid user root from ${ip} port 22 ssh2 [preauth]`,
    `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${ip}  user=root`,
    `error: PAM: Authentication failure for root from ${ip}`,
    `error: PAM: authentication error for illegal user root from ${ip}`,
    `Disconnected from authenticating user root ${ip} port 22 [preauth]`,
    `Connection closed by authenticating user root ${ip} port 22 [preauth]`,
    `Connection closed by invalid user root ${ip} port 22 [preauth]`,
    `Connection reset by authenticating user root ${ip} port 22 [preauth]`,
    `Disconnecting authenticating user root ${ip} port 22: Too many authentication failures [preauth]`,
    `User root from ${ip} not allowed because not listed in AllowUsers`,
  ])("%s is one failed sign-in of root", (message) => {
    expect(one(message)).toEqual({
      kind: "outcome",
      at: Date.UTC(2026, 2, 2, 10, 20, 30),
      ip,
      outcome: "failure",
      user: "root",
      count: 1,
    });
  });

  it.each([
    `Accepted password for root from ${ip} port 22 ssh2`,
    `Accepted publickey for root from ${ip} port 22 ssh2: ED25519 SHA256:abc`,
  ])("%s is a success", (message) => {
    expect(one(message)).toMatchObject({ outcome: "success", ip, user: "root" });
  });

  it.each([
    `Failed none for invalid user root from ${ip} port 22 ssh2`,
    `Failed publickey for root from ${ip} port 22 ssh2: RSA SHA256:abc`,
    `Connection closed by ${ip} port 22 [preauth]`,
    `Received disconnect from ${ip} port 22:11: Bye Bye [preauth]`,
    `Did not receive identification string from ${ip} port 22`,
    `Unable to negotiate with ${ip} port 22: no matching cipher found. [preauth]`,
    `banner exchange: Connection from ${ip} port 22: invalid format`,
    `reverse mapping checking getaddrinfo for a.example [${ip}] failed - POSSIBLE BREAK-IN ATTEMPT!`,
    "input_userauth_request: invalid user root [preauth]",
    "Invalid user root from a.example port 22",
    "pam_unix(sshd:auth): check pass; user unknown",
    "pam_unix(sshd:session): session opened for user root by (uid=0)",
    "",
  ])("%s reports no sign-in", (message) => {
    expect(one(message)).toEqual({ kind: "other" });
  });

  it.each([
    `Failed password for invalid user a from 203.0.113.9 port 1 ssh2 from ${ip} port 22 ssh2`,
    `Invalid user a from 203.0.113.9 port 1 from ${ip} port 22`,
    `Connection closed by invalid user a 203.0.113.9 port 1 ${ip} port 22 [preauth]`,
    `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${ip}  user=a rhost=203.0.113.9`,
  ])("%s blames nobody whom a user name names", (message) => {
    expect(one(message)).toMatchObject({ ip });
  });
});

describe("one connection", () => {
  const pam = `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${ip}  user=root`;
  const wrong = `Failed password for root from ${ip} port 22 ssh2`;
  const unknown = `Failed password for invalid user x from ${ip} port 22 ssh2`;
  const left = `Connection closed by authenticating user root ${ip} port 22 [preauth]`;

  it.each([
    [1, [`Invalid user x from ${ip} port 22`, unknown]],
    [
      1,
      [`Invalid user x from ${ip} port 22`, "input_userauth_request: invalid user x [preauth]", pam, unknown],
    ],
    [1, [pam, wrong, left]],
    [1, [wrong, pam]],
    [1, [`Invalid user x from ${ip} port 22`, `Connection closed by invalid user x ${ip} port 22 [preauth]`]],
    [2, [`Invalid user x from ${ip} port 22`, unknown, unknown]],
    [
      3,
      [
        `Invalid user x from ${ip} port 22`,
        `Invalid user y from ${ip} port 22`,
        `Invalid user z from ${ip} port 22`,
      ],
    ],
    [3, [pam, wrong, pam, wrong, pam, wrong, left]],
    [
      6,
      [
        wrong,
        wrong,
        wrong,
        wrong,
        wrong,
        wrong,
        `error: maximum authentication attempts exceeded for root from ${ip} port 22 ssh2 [preauth]`,
      ],
    ],
    [
      3,
      [
        pam,
        wrong,
        `message repeated 2 times: [ ${wrong}]`,
        `PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=${ip}  user=root`,
      ],
    ],
    [
      3,
      [
        `error: PAM: Authentication failure for root from ${ip}`,
        pam,
        `error: PAM: Authentication failure for root from ${ip}`,
        pam,
        `error: PAM: Authentication failure for root from ${ip}`,
      ],
    ],
  ])("has %i failed sign-ins in %j", (count, messages) => {
    expect(failures(messages)).toBe(count);
  });

  it("is another one with another process id, another address, or much later", () => {
    const parse = createSshdParser({ year: 2026 });
    const line = (time: string, pid: number, address: string) =>
      parse(
        `Mar  2 ${time} host sshd[${pid}]: Connection closed by invalid user x ${address} port 22 [preauth]`,
      )?.kind;
    expect(line("10:00:00", 1, ip)).toBe("outcome");
    expect(line("10:00:01", 1, ip)).toBe("other");
    expect(line("10:00:01", 2, ip)).toBe("outcome");
    expect(line("10:00:01", 1, "203.0.113.9")).toBe("outcome");
    expect(line("11:00:01", 2, ip)).toBe("outcome");
  });

  it("is remembered in bounded memory, the longest silent going first", () => {
    const parse = createSshdParser({ year: 2026 });
    const line = (pid: number) =>
      parse(`Mar  2 10:00:00 host sshd[${pid}]: Connection closed by invalid user x ${ip} port 22 [preauth]`)
        ?.kind;
    for (let pid = 1; pid <= 5000; pid++) line(pid);
    expect(line(5000)).toBe("other");
    expect(line(1)).toBe("outcome");
  });

  it("repeats no more often than a logger says, up to a bound", () => {
    expect(failures([`message repeated 3 times: [ ${wrong}]`])).toBe(3);
    expect(failures([`message repeated 999999999 times: [ ${wrong}]`])).toBe(1000);
  });
});

describe("syslog head", () => {
  const message = `Invalid user x from ${ip} port 22`;

  it.each([
    [`Mar  2 10:20:30 host sshd[7]: ${message}`, 0],
    [`Mar 2 10:20:30 host sshd[7]: ${message}`, 0],
    [`<38>Mar  2 10:20:30 host sshd-session[7]: ${message}`, 0],
    [`Mar  2 2026 10:20:30 host sshd[7]: ${message}`, 0],
    [`Mar  2 10:20:30.123 host sshd: ${message}`, 0],
    [`2026-03-02T10:20:30.500000+00:00 host sshd[7]: ${message}`, 500],
    [`2026-03-02T11:20:30+01:00 host sshd-auth[7]: ${message}`, 0],
    [`<38>1 2026-03-02T10:20:30Z host sshd 7 - - ${message}`, 0],
    [`<38>1 2026-03-02T10:20:30Z host sshd 7 - [meta sequenceId="1"][x y="a\\]b"] ${message}`, 0],
  ])("of %s is read", (line, ms) => {
    expect(createSshdParser({ year: 2026 })(line)).toMatchObject({
      kind: "outcome",
      at: Date.UTC(2026, 2, 2, 10, 20, 30) + ms,
    });
  });

  it("of another program says nothing, even if the message looks like sshd's", () => {
    const parse = createSshdParser();
    expect(parse(`Mar  2 10:20:30 host cron[7]: ${message}`)).toEqual({ kind: "other" });
    expect(parse("Mar  2 10:20:30 host last message repeated 3 times")).toEqual({ kind: "other" });
  });

  it.each([
    "",
    "x",
    "Mar  2 10:20:3",
    "Foo  2 10:20:30 host sshd[7]: x",
    "Mar 32 10:20:30 host sshd[7]: x",
    "<38>1 x y z",
    "\0",
  ])("is none: %j", (line) => {
    expect(createSshdParser()(line)).toBeUndefined();
  });

  it.each([" from ", " port ", "a", "[", "] ", " rhost=", "message repeated 2 times: [ ", "  user="])(
    "before 200,000 characters of %j is read in one pass",
    (piece) => {
      const flood = piece.repeat(200_000 / piece.length);
      for (const start of [
        "",
        "Failed password for ",
        "Invalid user ",
        "pam_unix(sshd:auth): authentication failure; ",
        "Connection closed by invalid user ",
      ]) {
        one(start + flood);
      }
      createSshdParser()(`<38>1 2026-03-02T10:20:30Z host sshd 7 - ${flood}`);
      createSshdParser()(flood);
    },
  );
});
