// A log line is JSON with an ISO time, and no secret gets into one at whatever depth it hides.

import { describe, expect, it } from "vitest";
import { createLogger, type LogLevel } from "./logger.ts";

describe("a log line", () => {
  it("is one JSON object with level, ISO time and message", () => {
    const { logger, lines } = capture();
    logger.info({ port: 3001 }, "listening");
    const [line] = lines();
    expect(line).toMatchObject({ level: "info", port: 3001, msg: "listening" });
    expect(new Date(line?.time as string).toISOString()).toBe(line?.time);
  });

  it("below the level is not written", () => {
    const { logger, lines } = capture("warn");
    logger.info("no");
    logger.warn("yes");
    expect(lines()).toHaveLength(1);
  });

  it("keeps a newline of the client inside its field", () => {
    const { logger, text } = capture();
    logger.warn({ userAgent: 'x"}\n{"msg":"forged"}' }, "Security Alert");
    expect(text().trimEnd().split("\n")).toHaveLength(1);
  });

  it("keeps what a terminal would obey from the terminal, and loses none of it", () => {
    const { logger, lines, text } = capture();
    const userAgent = "\u001b[2J\u007f\u0085\u009b2Jx";
    logger.warn({ userAgent }, "Security Alert");
    expect([...text()].filter((one) => one !== "\n" && /\p{Cc}/u.test(one))).toEqual([]);
    expect(lines()[0]?.userAgent).toBe(userAgent);
  });
});

describe("redaction", () => {
  const canary = "canary-7d1f";

  it.each([
    "password",
    "newPassword",
    "new_password",
    "token",
    "refreshToken",
    "Cookie",
    "set-cookie",
    "Authorization",
    "code",
    "FLUX_SECRET",
    "email",
    "x-api-key",
  ])("takes out %s at any depth", (name) => {
    const { logger, text } = capture();
    const secret = { [name]: canary };
    logger.info({ ...secret, request: { headers: secret, list: [{ deep: secret }] } }, "said");
    logger.info({ headers: new Headers({ [name]: canary }), map: new Map([[name, canary]]) }, "said");
    logger.child({ bound: secret, ...secret }).info("said");
    expect(text()).not.toContain(canary);
    expect(text()).toContain("[redacted]");
  });

  it("keeps of an error its type, message, code and causes, and nothing that a library hung on it", () => {
    const { logger, text, lines } = capture();
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED", request: { body: canary } });
    logger.error(Object.assign(new TypeError("outer", { cause }), { config: { data: canary } }), "failed");
    expect(text()).not.toContain(canary);
    expect(lines()[0]).toMatchObject({
      err: { type: "TypeError", message: "outer", cause: { message: "refused", code: "ECONNREFUSED" } },
    });
  });

  it("ends on circular objects", () => {
    const { logger, lines } = capture();
    const circle: Record<string, unknown> = { password: canary };
    circle.self = circle;
    logger.info({ circle }, "said");
    expect(lines()).toHaveLength(1);
  });
});

function capture(level: LogLevel = "info") {
  const written: string[] = [];
  const logger = createLogger({ level, stream: { write: (line) => void written.push(line) } });
  return {
    logger,
    text: () => written.join(""),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
