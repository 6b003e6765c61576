/** One layer of a stacked chart: its own values, in the unit of the axis. */
export interface Layer {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** Sums from the bottom: the last row is the outline of the whole stack. Unknown counts as nothing. */
export function stackLayers(layers: readonly Layer[]): readonly (readonly number[])[] {
  const stacked: (readonly number[])[] = [];
  for (const layer of layers) {
    const below = stacked.at(-1);
    stacked.push(layer.values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return stacked;
}

/** The largest layers by their sum, the rest in one called `rest`. */
export function largestLayers(layers: readonly Layer[], limit: number, rest: string): readonly Layer[] {
  const sum = (layer: Layer): number => layer.values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const ordered = layers.toSorted((left, right) => sum(right) - sum(left));
  if (ordered.length <= limit) return ordered;
  const head = ordered.slice(0, limit - 1);
  const tail = ordered.slice(limit - 1);
  const length = Math.max(...tail.map((layer) => layer.values.length));
  const values = Array.from({ length }, (_, index) => tail.reduce((total, layer) => total + (layer.values[index] ?? 0), 0));
  return [...head, { label: rest, values }];
}
