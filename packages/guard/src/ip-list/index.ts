// Large allowlists and blocklists of networks, compiled for fast look-ups.

export { type CompiledIpList, type CompileOptions, compileIpList } from "./compile.ts";
export type { IpListLineCode } from "./entry-line.ts";
export { privateNetworks } from "./exempt.ts";
export type { IpListMatch, IpMatcher } from "./matcher.ts";
export type { IpListRules } from "./options.ts";
export type { LineProblem, SourceCounts } from "./report.ts";
