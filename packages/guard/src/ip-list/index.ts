// Large allowlists and blocklists of networks, compiled for fast look-ups.

export { type CompiledIpList, type CompileOptions, compileIpList } from "./compile.ts";
export type { IpListLineCode } from "./entry-line.ts";
export { privateNetworks } from "./exempt.ts";
export type { IpListFailure, IpListFailureCode } from "./failure.ts";
export {
  createIpList,
  type IpList,
  type IpListOptions,
  type RefreshReport,
  type SourceReport,
} from "./ip-list.ts";
export type { IpListMatch, IpMatcher } from "./matcher.ts";
export type { IpListRules } from "./options.ts";
export type { LineProblem, SourceCounts } from "./report.ts";
export type { IpListSource } from "./source.ts";
