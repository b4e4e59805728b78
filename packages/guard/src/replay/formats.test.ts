import { describe, expect, it } from "vitest";
import { createLineParser, detectFormat } from "./formats.ts";

const access = '198.51.100.4 - - [02/Mar/2026:10:20:30 +0000] "GET / HTTP/1.1" 200 5';

describe("the format of a log", () => {
  it.each([
    ["nginx", access],
    ["nginx", "2026/03/02 10:20:30 [error] 12#12: *7 x, client: 198.51.100.4"],
    ["apache", "[Mon Mar 02 10:20:30.250000 2026] [core:notice] [pid 7] AH00094: x"],
    ["caddy", '{"level":"info","ts":1772446830,"msg":"x"}'],
    ["traefik", '{"ClientHost":"198.51.100.4","DownstreamStatus":200,"time":"2026-03-02T10:20:30Z"}'],
    ["sshd", "Mar  2 10:20:30 host sshd[7]: Server listening"],
    ["signals", '{"type":"sign-out","at":1,"ip":"198.51.100.4"}'],
    [undefined, "Mar  2 10:20:30 host cron[7]: x"],
    [undefined, "x"],
    [undefined, ""],
  ])("is told to be %s by %s", (format, line) => {
    expect(detectFormat([line, "", line])).toBe(format);
  });

  it("is in doubt when one line does not fit", () => {
    expect(detectFormat([access, access, "x"])).toBeUndefined();
    expect(detectFormat([])).toBeUndefined();
  });

  it.each(["iis", "", "constructor", "__proto__"])("is never %j", (format) => {
    expect(() => createLineParser(format)).toThrow(expect.objectContaining({ code: "UNKNOWN_FORMAT" }));
  });
});
