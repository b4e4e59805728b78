// What the server can do without, and whether it does at present: for `/readyz`, the metrics and the live view.

/** By name. `since` in milliseconds since 1970; `reason` is a stable word (docs/reliability.md). */
export interface Missing {
  readonly [name: string]: () => { readonly reason: string; readonly since: number } | undefined;
}
