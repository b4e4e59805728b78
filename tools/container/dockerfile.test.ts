// The Dockerfile agrees with what it is built from, and each mistake of a kind is found.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { configVariables } from "../../apps/auth/src/config.ts";
import { dockerfileProblems } from "./dockerfile.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const text = read("Dockerfile");
const { scripts, devDependencies } = JSON.parse(read("package.json"));
const locked = Object.keys(JSON.parse(read("package-lock.json")).packages);
const sent = read(".dockerignore")
  .split("\n")
  .filter((line) => line.startsWith("!"))
  .map((line) => line.slice(1));

const facts = {
  node: devDependencies.node,
  isSent: (path: string) =>
    existsSync(join(root, path)) && sent.some((one) => path === one || path.startsWith(`${one}/`)),
  manifests: [
    "package.json",
    ...locked
      .filter((path) => path !== "" && !path.includes("node_modules"))
      .map((path) => `${path}/package.json`),
  ],
  variables: configVariables,
  start: scripts.start.split("tools/run.mjs --warm ")[1].split(" "),
};

it("has no mistake", () => {
  expect(facts.manifests.length).toBeGreaterThan(5);
  expect(dockerfileProblems(text, facts)).toEqual([]);
});

it.each([
  ["another runtime", /node:[\d.]+-\S+$/m, "node:latest", "FROM node:latest is neither"],
  ["a path that is not there", "COPY packages packages", "COPY package packages", "COPY package: it is not"],
  ["a workspace left out", /^COPY apps\/cli\/.*$/m, "", "apps/cli/package.json is not copied"],
  ["an install past the lock", "npm ci --workspace=apps/auth", "npm install", "npm ci alone keeps"],
  ["a variable with a slip", "PORT=3001", "PROT=3001", "ENV PROT: nobody reads it"],
  ["a secret", "PORT=3001", "FLUX_SECRET=abc", "FLUX_SECRET would be kept in the image"],
  ["a server as root", "USER node", "USER root", "USER: the server would be root"],
  ["no look at its health", /^HEALTHCHECK.*$/m, "", "HEALTHCHECK does not ask /readyz"],
  ["a shell around the server", /^CMD .*$/m, "CMD node apps/auth/src/main.ts", "CMD is not"],
])("finds %s", (_what, from, to, problem) => {
  const spoilt = text.replace(from, to);
  expect(spoilt).not.toBe(text);
  expect(dockerfileProblems(spoilt, facts)).toEqual([expect.stringContaining(problem)]);
});

it("sends the engine nothing but what is listed, and no secret of what is", () => {
  const lines = read(".dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines[0]).toBe("*");
  expect(lines.slice(lines.findLastIndex((line) => line.startsWith("!")))).toEqual(
    expect.arrayContaining(["**/.env*", "**/node_modules"]),
  );
});
