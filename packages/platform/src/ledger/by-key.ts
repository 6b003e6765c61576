/** The values in the order of their keys: two processes that settle at once must not wait for each other in a circle. */
export const byKey = <Value>(sums: ReadonlyMap<string, Value>): readonly Value[] =>
  [...sums].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value);
