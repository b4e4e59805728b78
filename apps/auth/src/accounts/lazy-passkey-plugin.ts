// Better Auth's passkey plugin, loaded when its first request comes: what verifies them is a quarter of all modules.

import type { passkey } from "@better-auth/passkey";
import type { BetterAuthPlugin } from "better-auth";
import { onceLoaded } from "../once-loaded.ts";

type Options = NonNullable<Parameters<typeof passkey>[0]>;
type Plugin = ReturnType<typeof passkey>;
type Endpoints = Plugin["endpoints"];

/** What a router has to know of an endpoint; the endpoint itself checks everything else. */
type Doors = {
  readonly [Name in keyof Endpoints]: {
    readonly path: Endpoints[Name]["path"];
    readonly options: { readonly method: Endpoints[Name]["options"]["method"] };
  };
};

const doors: Doors = {
  generatePasskeyRegistrationOptions: {
    path: "/passkey/generate-register-options",
    options: { method: "GET" },
  },
  generatePasskeyAuthenticationOptions: {
    path: "/passkey/generate-authenticate-options",
    options: { method: "GET" },
  },
  verifyPasskeyRegistration: { path: "/passkey/verify-registration", options: { method: "POST" } },
  verifyPasskeyAuthentication: { path: "/passkey/verify-authentication", options: { method: "POST" } },
  listPasskeys: { path: "/passkey/list-user-passkeys", options: { method: "GET" } },
  deletePasskey: { path: "/passkey/delete-passkey", options: { method: "POST" } },
  updatePasskey: { path: "/passkey/update-passkey", options: { method: "POST" } },
};

/** The plugin's table, which has to be there from the start. */
const schema = {
  passkey: {
    fields: {
      name: { type: "string", required: false },
      publicKey: { type: "string", required: true },
      userId: { type: "string", references: { model: "user", field: "id" }, required: true, index: true },
      credentialID: { type: "string", required: true, index: true },
      counter: { type: "number", required: true },
      deviceType: { type: "string", required: true },
      backedUp: { type: "boolean", required: true },
      transports: { type: "string", required: false },
      createdAt: { type: "date", required: false },
      aaguid: { type: "string", required: false },
    },
  },
} satisfies Plugin["schema"];

/** Behaves as `passkey(options)`; a test compares the two, so that a new version of it cannot say something else. */
export function lazyPasskeyPlugin(options: Options) {
  const endpoints = onceLoaded(async () => {
    const { passkey } = await import("@better-auth/passkey");
    return passkey(options).endpoints;
  });

  const lazy = <Name extends keyof Endpoints>(name: Name) => {
    const serve = async (...input: unknown[]): Promise<unknown> => {
      const endpoint: (...input: never[]) => unknown = (await endpoints())[name];
      return endpoint(...(input as never[]));
    };
    return Object.assign(serve, doors[name]);
  };

  return {
    id: "passkey",
    endpoints: {
      generatePasskeyRegistrationOptions: lazy("generatePasskeyRegistrationOptions"),
      generatePasskeyAuthenticationOptions: lazy("generatePasskeyAuthenticationOptions"),
      verifyPasskeyRegistration: lazy("verifyPasskeyRegistration"),
      verifyPasskeyAuthentication: lazy("verifyPasskeyAuthentication"),
      listPasskeys: lazy("listPasskeys"),
      deletePasskey: lazy("deletePasskey"),
      updatePasskey: lazy("updatePasskey"),
    },
    schema,
  } satisfies BetterAuthPlugin;
}
