// The middle of several measurements: one that a busy machine disturbed does not move it.

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
