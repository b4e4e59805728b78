import { Hono } from "hono";
import { expect, it } from "vitest";
import { jsonOnlyMiddleware } from "./json-only.ts";

const app = new Hono().use(jsonOnlyMiddleware).all("*", (c) => c.text("taken"));
const send = (path: string, type: string | undefined, body: string | undefined) =>
  app.request(path, {
    method: "POST",
    headers: type === undefined ? {} : { "content-type": type },
    ...(body === undefined ? {} : { body }),
  });

it("JSON that curl calls a form is refused with what to send instead", async () => {
  for (const type of ["application/x-www-form-urlencoded", "Multipart/Form-Data; boundary=x"]) {
    const response = await send("/api/auth/login", type, '{"email":"ada@example.com"}');
    expect(response.status).toBe(415);
    expect(await response.json()).toEqual({
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "Send JSON, with the header content-type: application/json.",
    });
  }
});

it("JSON, no body, and a provider's form are taken", async () => {
  expect((await send("/api/auth/login", "application/json; charset=utf-8", "{}")).status).toBe(200);
  expect((await send("/api/auth/logout", undefined, undefined)).status).toBe(200);
  expect((await send("/api/auth/callback/acme", "application/x-www-form-urlencoded", "code=x")).status).toBe(
    200,
  );
});
