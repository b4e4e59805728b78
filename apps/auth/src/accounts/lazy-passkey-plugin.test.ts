// The lazy plugin beside the library's own, so that a new version of the library cannot say something else unnoticed.

import { passkey } from "@better-auth/passkey";
import { expect, it } from "vitest";
import { lazyPasskeyPlugin } from "./lazy-passkey-plugin.ts";

const options = { rpName: "Flux Studio", rpID: "localhost", origin: ["http://localhost:3001"] };
const own = lazyPasskeyPlugin(options);
const library = passkey(options);

it("has the library's id and table", () => {
  expect(own.id).toBe(library.id);
  expect(own.schema).toEqual(library.schema);
});

it("leaves out nothing that works at the start: the library has no hooks, no init, no limits of its own", () => {
  const silent = ["version", "options", "$ERROR_CODES"];
  expect(
    Object.keys(library)
      .filter((key) => !silent.includes(key))
      .toSorted(),
  ).toEqual(Object.keys(own).toSorted());
});

it("has the library's endpoints, under their paths and methods", () => {
  const doors = (endpoints: { [name: string]: { path: string; options: { method: string } } }) =>
    Object.entries(endpoints).map(([name, { path, options }]) => [name, path, options.method]);
  expect(doors(own.endpoints)).toEqual(doors(library.endpoints));
});

it("hides no option that a router reads before it calls an endpoint", () => {
  for (const { options } of Object.values(library.endpoints)) {
    // What these hold is for documents, and for the endpoint itself.
    expect(["body", "method", "metadata", "query", "use"]).toEqual(
      expect.arrayContaining(Object.keys(options)),
    );
    for (const read of ["SERVER_ONLY", "allowedMediaTypes"])
      expect(options.metadata).not.toHaveProperty(read);
  }
});
