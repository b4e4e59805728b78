// `flux token create`, `flux admin create` and `flux users set-role`: who may do what.

import { text } from "node:stream/consumers";
import { defineCommand } from "citty";
import { oneOf } from "../arguments.ts";
import { call, jsonOption, print } from "../call.ts";
import { usageError } from "../cli-error.ts";

export const token = defineCommand({
  meta: { name: "token", description: "Tokens for operators and programs" },
  subCommands: {
    create: defineCommand({
      meta: {
        name: "create",
        description:
          "Makes a token for FLUX_TOKEN and shows it this once. Example: flux token create --name ci",
      },
      args: { name: { type: "string", required: true, description: "Who will use it" }, json: jsonOption },
      async run({ args }) {
        const made = await call<{ id: string; token: string }>("POST", "/tokens", { name: args.name });
        print(args.json, [made], (one: { token: string }) => one.token);
      },
    }),
  },
});

export const admin = defineCommand({
  meta: { name: "admin", description: "Accounts of administrators" },
  subCommands: {
    create: defineCommand({
      meta: {
        name: "create",
        description:
          "Makes an account with the role admin; its password is read from standard input. Example: flux admin create --email ada@example.com --password-stdin < password.txt",
      },
      args: {
        email: { type: "string", required: true, description: "Its e-mail address" },
        "password-stdin": {
          type: "boolean",
          description: "Required: a password on the command line would be seen by others",
        },
        json: jsonOption,
      },
      async run({ args }) {
        if (!args["password-stdin"])
          throw usageError("Give --password-stdin and the password on standard input.");
        const password = (await text(process.stdin)).replace(/\r?\n$/, "");
        const made = await call<{ id: string; email: string }>("POST", "/admins", {
          email: args.email,
          password,
        });
        print(
          args.json,
          [made],
          (one: { id: string; email: string }) => `${one.email} is an admin (${one.id}).`,
        );
      },
    }),
  },
});

export const users = defineCommand({
  meta: { name: "users", description: "Accounts of people" },
  subCommands: {
    "set-role": defineCommand({
      meta: {
        name: "set-role",
        description:
          "Gives an account another role, which its next access token carries. Example: flux users set-role ada@example.com moderator",
      },
      args: {
        email: { type: "positional", required: true, description: "Its e-mail address" },
        role: { type: "positional", required: true, description: "user, moderator or admin" },
        json: jsonOption,
      },
      async run({ args: { email, role: asked, json } }) {
        const role = oneOf("ROLE", ["user", "moderator", "admin"], asked);
        const changed = await call<{ id: string; email: string; role: string }>("POST", "/roles", {
          email,
          role,
        });
        print(json, [changed], (one: typeof changed) => `${one.email} is ${one.role} now.`);
      },
    }),
  },
});
