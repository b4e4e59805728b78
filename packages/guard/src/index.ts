// What the guard offers. Start reading at engine.ts.

export { createAccountKey, normaliseEmail } from "./account.ts";
export type { Degraded } from "./breaker.ts";
export { type ClientIp, type ClientIpOptions, createClientIp } from "./client/client-ip.ts";
export { ipScopeValue, normaliseIp, prefixOf } from "./client/ip-prefix.ts";
export { createPlaceLookup, defaultPlaceDatabase, type Place, type PlaceLookup } from "./client/place.ts";
export { classifyUserAgent, type UserAgentClass } from "./client/user-agent.ts";
export { type Action, actions, type Decision, isActive, type Origin, origins, outranks } from "./decision.ts";
export {
  type Confidence,
  type Detection,
  type Evidence,
  type Mode,
  modes,
  type Severity,
  severities,
} from "./detection.ts";
export { createGuard } from "./engine.ts";
export { GuardError, type GuardErrorCode } from "./errors.ts";
export { type EventSink, recordedSignals, type SecurityEvent, severityOf } from "./event.ts";
export type { Explanation, Guard, GuardOptions, Outcome, RuleState } from "./guard.ts";
export { uuidv7 } from "./ids.ts";
export type { CountedWindow } from "./limits.ts";
export type { IpLists } from "./listed.ts";
export { lostPoints, type ReputationLevel, type ReputationState, successPoints } from "./reputation.ts";
export type { Finding, Judgement, Limit, Outage, Rule, RuleResponse, RuleSettings } from "./rule.ts";
export {
  accountGuessing,
  botActivity,
  bruteForce,
  builtInRules,
  geographicAnomaly,
  multipleDevices,
  rapidTokenRefresh,
  refreshTokenRepeat,
  refreshTokenReuse,
  reputation,
  suspiciousUserAgent,
} from "./rules/index.ts";
export { normaliseScopeValue } from "./scope-value.ts";
export { type Scope, scopes } from "./scopes.ts";
export { type RuleOverride, type RuleOverrides, resolveSettings } from "./settings.ts";
export { type ScopedSignal, type Signal, type SignalType, signalTypes } from "./signal.ts";
export { type DecisionStore, offenceMemoryMs } from "./stores/decision-store.ts";
export {
  createMemoryDecisionStore,
  type MemoryDecisionStore,
  type MemoryDecisionStoreOptions,
} from "./stores/memory-decision-store.ts";
export {
  createMemoryWindowStore,
  type MemoryWindowStore,
  type MemoryWindowStoreOptions,
} from "./stores/memory-window-store.ts";
export { parseRedisUrls } from "./stores/redis-url.ts";
export type {
  Length,
  WindowOperation,
  WindowResult,
  WindowState,
  WindowStore,
} from "./stores/window-store.ts";
