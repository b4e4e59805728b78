// Makes a list out of lines that are at hand, at once: for a short list of one's own. `createIpList` loads large ones beside the work.

import { GuardError } from "../errors.ts";
import { createGatherer } from "./gatherer.ts";
import { createIpMatcher, type IpMatcher } from "./matcher.ts";
import { type IpListRules, resolveRules } from "./options.ts";
import type { SourceCounts } from "./report.ts";

export interface CompileOptions extends IpListRules {
  /** What `match` names as the source. @default "list" */
  readonly name?: string;
}

export interface CompiledIpList extends IpMatcher {
  readonly name: string;
  readonly report: SourceCounts & { readonly duplicates: number };
}

/**
 * @param lines addresses, CIDRs and ranges, with comments; what cannot be read is reported and left out, and never thrown
 * @throws GuardError `INVALID_OPTIONS` for mistakes in the rules, and for lines that break `maxEntries` or `largestShare`
 */
export function compileIpList(lines: Iterable<string>, options: CompileOptions): CompiledIpList {
  const { name = "list" } = options;
  const gatherer = createGatherer(resolveRules(options));
  const source = gatherer.begin(0, 0);
  for (const line of lines) {
    source.line(line);
    if (source.isFull) break;
  }
  const problem = source.problem();
  if (problem === "TOO_MANY_ENTRIES") {
    throw new GuardError("INVALID_OPTIONS", `The list ${name} has more networks than maxEntries allows.`);
  }
  if (problem === "TOO_WIDE") {
    throw new GuardError(
      "INVALID_OPTIONS",
      `The list ${name} holds more addresses than largestShare allows.`,
    );
  }
  const { tables, duplicates } = gatherer.build();
  const { entries, ...rest } = source.counts();
  const report = { ...rest, entries: entries - duplicates(0), duplicates: duplicates(0) };
  return { name, ...createIpMatcher(tables, [name]), report };
}
