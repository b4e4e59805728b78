// Device cookies by themselves: the prefix over https, and values that are none.

import { expect, it } from "vitest";
import { createDeviceCookies, randomId } from "./device-cookies.ts";

const key = Buffer.alloc(32, 7);
const headers = (cookie: string) => new Headers({ cookie });

it("over https the name has the prefix that browsers protect, and no other name counts", () => {
  const cookies = createDeviceCookies({ key, secure: true });
  const cookie = cookies.make("user", randomId());
  expect(cookie.name).toMatch(/^__Host-flux\.device\./);
  expect(cookies.attributes).toMatchObject({ secure: true, httpOnly: true, sameSite: "lax", path: "/" });
  expect(cookies.read(headers(`${cookie.name}=${cookies.value(cookie)}`))).toEqual([cookie]);
  const bare = cookie.name.replace("__Host-", "");
  expect(cookies.read(headers(`${bare}=${cookies.value(cookie)}`))).toEqual([]);
});

it("another key, another account or a changed character makes it no cookie of ours", () => {
  const cookies = createDeviceCookies({ key, secure: false });
  const cookie = cookies.make("user", randomId());
  const value = cookies.value(cookie);
  const others = createDeviceCookies({ key: Buffer.alloc(32, 8), secure: false });
  expect(others.read(headers(`${cookie.name}=${value}`))).toEqual([]);
  expect(cookies.read(headers(`${cookies.make("other", cookie.id).name}=${value}`))).toEqual([]);
  for (let i = 0; i < value.length; i++) {
    // The last character of a signature has two bits that mean nothing, so another one there may be the same signature.
    if (value[i] === "." || i === value.length - 1) continue;
    const changed = value.slice(0, i) + (value[i] === "A" ? "B" : "A") + value.slice(i + 1);
    expect(cookies.read(headers(`${cookie.name}=${changed}`)), changed).toEqual([]);
  }
});

it("a request with a thousand cookies costs a few signatures", () => {
  const cookies = createDeviceCookies({ key, secure: false });
  const made = Array.from({ length: 1000 }, (_, i) => cookies.make(`user${i}`, randomId()));
  const read = cookies.read(headers(made.map((one) => `${one.name}=${cookies.value(one)}`).join("; ")));
  expect(read).toHaveLength(20);
});

it("a name holds nothing of the account", () => {
  const cookies = createDeviceCookies({ key, secure: false });
  expect(cookies.make("user-1", "x").name).not.toContain("user");
  expect(cookies.make("user-1", "x").name).toBe(cookies.make("user-1", "y").name);
  expect(cookies.make("user-1", "x").name).not.toBe(cookies.make("user-2", "x").name);
});
