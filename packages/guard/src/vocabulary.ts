// The words that other programs need as lists and checks, without the library behind them.

export { actions } from "./decision.ts";
export { severities } from "./detection.ts";
export { GuardError } from "./errors.ts";
export { normaliseScopeValue } from "./scope-value.ts";
export { type Scope, scopes } from "./scopes.ts";
