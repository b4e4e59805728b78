// What `--help` says, for one command and for all of them.

import { stripVTControlCharacters } from "node:util";
import { type CommandDef, defineCommand, type Resolvable, renderUsage } from "citty";
import { commands } from "./commands.ts";

export const flux = defineCommand({
  meta: { name: "flux", description: "What an operator of Flux Studio types" },
  subCommands: commands,
});

/** @param name with its parents: `flux decisions list` */
export async function usageOf(command: CommandDef, name: string): Promise<string> {
  const parent = name.split(" ").slice(0, -1).join(" ");
  return renderUsage(command, parent ? { meta: { name: parent } } : undefined);
}

/** The help of every command that can be run, as text, by its name. */
export async function allUsages(): Promise<Map<string, string>> {
  const usages = new Map<string, string>();
  await add(flux, "flux");
  return usages;

  async function add(command: CommandDef, name: string): Promise<void> {
    const children = await resolved(command.subCommands);
    if (!children) usages.set(name, stripVTControlCharacters(await usageOf(command, name)));
    for (const [word, child] of Object.entries(children ?? {})) {
      await add((await resolved(child)) as CommandDef, `${name} ${word}`);
    }
  }
}

export const resolved = async <T>(value: Resolvable<T> | undefined): Promise<T | undefined> =>
  typeof value === "function" ? (value as () => T | Promise<T>)() : value;
