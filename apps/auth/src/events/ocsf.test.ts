// Events in OCSF: right class, activity and identifiers, and nothing left out.

import { signalTypes } from "@fluxstudio/guard";
import { describe, expect, it } from "vitest";
import { owaspOf, statusOf, toOcsf } from "./ocsf.ts";
import { decision, detection, securityEvent, start } from "./test-event.ts";

describe("an event without detections", () => {
  it.each([
    ["sign-in-failure", 300201, 2, "authn_login_fail"],
    ["sign-in-success", 300201, 1, "authn_login_success"],
    ["sign-out", 300202, 1, "session_expired"],
    ["sign-up", 300299, 1, "user_created"],
    ["token-refresh", 300299, 1, "session_renewed"],
  ] as const)("about %s is Authentication", (type, typeUid, statusId, owasp) => {
    const ocsf = toOcsf(securityEvent({ type }));
    expect(ocsf).toMatchObject({
      class_uid: 3002,
      category_uid: 3,
      type_uid: typeUid,
      status_id: statusId,
      severity_id: 1,
      time: start,
      user: { uid: "account-hash" },
      service: { name: "flux-auth" },
      src_endpoint: { ip: "203.0.113.7" },
      http_request: { user_agent: "Mozilla/5.0", url: { path: "/api/auth/login" }, http_method: "POST" },
      unmapped: { owasp, signal: type, door: "sign-in" },
    });
  });

  it("has an id and says which schema it follows", () => {
    const event = securityEvent();
    expect(toOcsf(event).metadata).toMatchObject({
      uid: event.id,
      version: expect.stringMatching(/^1\.\d+\.\d+$/),
      product: { name: "flux-auth" },
    });
  });

  it("has a user even when no account was named, as the schema demands", () => {
    expect(toOcsf(securityEvent({ account: undefined }))).toMatchObject({ user: { name: "unknown" } });
  });

  it("has a name and a class for every type of signal", () => {
    for (const type of signalTypes) {
      expect(owaspOf(securityEvent({ type }))).toMatch(/^[a-z]+(?:_[a-z]+)+$/);
      expect(toOcsf(securityEvent({ type })).type_uid).toBeGreaterThan(300_200);
    }
  });
});

describe("an event with a detection", () => {
  const event = securityEvent(
    { place: { country: "NL", asn: 64500 } },
    { detections: [detection], decision },
  );

  it("is a Detection Finding with rule, technique and evidence", () => {
    expect(toOcsf(event)).toMatchObject({
      class_uid: 2004,
      category_uid: 2,
      activity_id: 1,
      type_uid: 200401,
      severity_id: 4,
      severity: "High",
      confidence_id: 3,
      action_id: 2,
      disposition_id: 2,
      finding_info: {
        uid: event.id,
        title: "brute-force: ip 203.0.113.7",
        types: ["brute-force"],
        attacks: [{ technique: { uid: "T1110" }, sub_technique: { uid: "T1110.001" } }],
      },
      evidences: [
        {
          src_endpoint: {
            ip: "203.0.113.7",
            location: { country: "NL" },
            autonomous_system: { number: 64500 },
          },
          user: { uid: "account-hash" },
          data: { rule: "brute-force", count: 5, threshold: 5, windowMs: 300_000, mode: "enforce" },
        },
      ],
      unmapped: { owasp: "authn_login_fail_max", decision },
    });
  });

  it("takes name and rule from the detection that decided, and severity from the worst", () => {
    const worse = {
      ...detection,
      rule: "other",
      owasp: "malicious_attack_tool",
      severity: "critical",
    } as const;
    const both = securityEvent({}, { detections: [worse, detection], decision });
    expect(owaspOf(both)).toBe("authn_login_fail_max");
    expect(toOcsf(both)).toMatchObject({ severity_id: 5, finding_info: { types: ["other", "brute-force"] } });
    expect(owaspOf({ ...both, decision: undefined })).toBe("malicious_attack_tool");
  });

  it("in monitor mode is observed and not denied", () => {
    expect(toOcsf(securityEvent({}, { detections: [detection] }))).toMatchObject({
      action_id: 3,
      disposition_id: 15,
    });
  });
});

describe("an event that sums up refusals", () => {
  it("updates the finding that the block came from", () => {
    const refusals = { count: 40, since: start - 1000 };
    const event = securityEvent({ type: "request" }, { decision, refusals });
    expect(statusOf(event)).toBe("failure");
    expect(toOcsf(event)).toMatchObject({
      type_uid: 200402,
      count: 40,
      start_time: start - 1000,
      end_time: start,
      finding_info: { uid: "event-1", types: ["brute-force"] },
    });
  });
});
