/** Observations in buckets, in the text format of Prometheus. */
export interface Histogram {
  observe(value: number): void;
  render(label: string): string;
}

export interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

export function createHistogram({ name, help, buckets }: HistogramOptions): Histogram {
  const counts = new Float64Array(buckets.length + 1);
  let sum = 0;
  return {
    observe: (value) => {
      const place = buckets.findIndex((bound) => value <= bound);
      const index = place < 0 ? buckets.length : place;
      counts[index] = (counts[index] ?? 0) + 1;
      sum += value;
    },
    render: (label) => {
      let total = 0;
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
      for (const [index, bound] of [...buckets, '+Inf'].entries()) {
        total += counts[index] ?? 0;
        lines.push(`${name}_bucket{${label},le="${bound}"} ${total}`);
      }
      return `${[...lines, `${name}_sum{${label}} ${sum}`, `${name}_count{${label}} ${total}`].join('\n')}\n`;
    },
  };
}
