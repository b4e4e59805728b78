// Replaying logs: what would have been detected and blocked.

export { detectFormat, type ReplayFormat, replayFormats } from "./formats.ts";
export { createLineSplitter, type LineSplitter, maxLineLength } from "./lines.ts";
export { isoTime } from "./log-time.ts";
export { utf8 } from "./parsed-line.ts";
export { plainBytes } from "./plain-bytes.ts";
export {
  createReplay,
  type Replay,
  type ReplayOptions,
  type ReplaySummary,
} from "./replay.ts";
export type { BlockedValues, ReplayDetection } from "./replay-tally.ts";
export {
  defaultFailStatuses,
  defaultSignInMethods,
  defaultSignInPaths,
  type SignInRequestOptions,
} from "./sign-in-request.ts";
