// Arguments that are checked before a server is asked: a mistyped one is wrong usage, said in the words of the command line.

import { actions, GuardError, normaliseScopeValue, type Scope, scopes } from "@fluxstudio/guard/vocabulary";
import { usageError } from "./cli-error.ts";

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export const actionDescription = `One of ${actions.join(", ")}`;
export const scopeDescription = `One of ${scopes.join(", ")}`;

/** @param name as the command line calls it: `SCOPE` @throws CliError `USAGE` */
export function oneOf<Word extends string>(name: string, words: readonly Word[], text: string): Word {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw usageError(`${name} is "${text}". Write ${words.slice(0, -1).join(", ")} or ${words.at(-1)}.`);
}

/** @throws CliError `USAGE` */
export const scopeOf = (text: string): Scope => oneOf("SCOPE", scopes, text);

/** @throws CliError `USAGE` */
export function limitOf(text: string, most: number): string {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return text;
  throw usageError(`--limit takes a whole number from 1 to ${most}; not "${text}".`);
}

/** An address, or the /64 that it is counted under. @throws CliError `USAGE` */
export function addressOf(text: string): string {
  try {
    normaliseScopeValue("ip", text);
    return text;
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    throw usageError(`--ip takes one address, such as 203.0.113.7; "${text}" is none.`);
  }
}

export const isId = (text: string): boolean => uuid.test(text);
