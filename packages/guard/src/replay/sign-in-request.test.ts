import { describe, expect, it } from "vitest";
import type { RequestLine } from "./parsed-line.ts";
import { createSignInRequests, type SignInRequestOptions } from "./sign-in-request.ts";

const request = (method: string | undefined, target: string | undefined): RequestLine => ({
  kind: "request",
  at: 0,
  ip: "198.51.100.4",
  method,
  target,
  status: 200,
  authFailed: false,
});
const pathOf = (target: string, options?: SignInRequestOptions, method = "POST") =>
  createSignInRequests(options).pathOf(request(method, target));

describe("a sign-in request", () => {
  it.each([
    "/login",
    "/api/auth/x",
    "/users/SignIn",
    "/sign-in",
    "/Session/new",
    "/wp-login.php?x=1",
    "/a%75th",
  ])("is a POST of %s", (target) => {
    expect(pathOf(target)).toBeDefined();
  });

  it.each(["/", "/pay", "/pay?next=/login", "http://login.example.com/pay", "*", ""])(
    "is not a POST of %s",
    (target) => {
      expect(pathOf(target)).toBeUndefined();
    },
  );

  it("is not a GET, so that a page which asks for its session often is no attack", () => {
    expect(pathOf("/api/auth/session", {}, "GET")).toBeUndefined();
    expect(pathOf("/api/auth/session", { methods: ["get", "post"] }, "GET")).toBe("/api/auth/session");
  });

  it("is no malformed request", () => {
    expect(createSignInRequests().pathOf(request(undefined, undefined))).toBeUndefined();
  });

  it("can be told by other texts or by an expression", () => {
    expect(pathOf("/enter", { paths: ["ENTER"] })).toBe("/enter");
    expect(pathOf("/login", { paths: ["ENTER"] })).toBeUndefined();
    const paths = /^\/v\d\/token$/g;
    const requests = createSignInRequests({ paths });
    for (let i = 0; i < 3; i++) expect(requests.pathOf(request("POST", "/v1/token?x"))).toBe("/v1/token");
  });

  it("has a path without host, query and percent-encoding, decoded as far as it can be", () => {
    expect(pathOf("https://a.example/l%6Fgin?x=%zz")).toBe("/login");
    expect(pathOf("/login/%zz")).toBe("/login/%zz");
    expect(pathOf(Buffer.from("/login/é").toString("latin1"))).toBe("/login/é");
  });

  it.each([
    [401, "failure"],
    [403, "failure"],
    [422, "failure"],
    [200, "success"],
    [302, "success"],
    [400, undefined],
    [404, undefined],
    [429, undefined],
    [499, undefined],
    [503, undefined],
  ])("answered %i is a %s", (status, outcome) => {
    expect(createSignInRequests().outcomeOf(status)).toBe(outcome);
  });

  it("fails with the statuses that are said", () => {
    const { outcomeOf } = createSignInRequests({ failStatuses: [200] });
    expect([200, 302, 401].map(outcomeOf)).toEqual(["failure", "success", undefined]);
  });

  it.each([{ paths: [] }, { paths: [""] }, { methods: [] }, { failStatuses: [4] }])(
    "cannot be told by %j",
    (options) => {
      expect(() => createSignInRequests(options)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTIONS" }),
      );
    },
  );
});
