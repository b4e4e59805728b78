// The words that other programs need as lists, without the library behind them.

export { actions } from "./decision.ts";
export { severities } from "./detection.ts";
export { scopes } from "./scopes.ts";
