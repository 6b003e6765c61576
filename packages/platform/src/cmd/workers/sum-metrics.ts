import type { MetricFamily } from '../metric-family.ts';

type Sample = MetricFamily['samples'][number];

/** The same metrics of several processes as those of one: sums, or the greatest value where a family says so. */
export function sumMetrics(processes: readonly (readonly MetricFamily[])[]): readonly MetricFamily[] {
  const families = new Map<string, { readonly family: MetricFamily; readonly samples: Map<string, Sample> }>();
  for (const family of processes.flat()) {
    const entry = families.get(family.name) ?? { family, samples: new Map<string, Sample>() };
    families.set(family.name, entry);
    for (const sample of family.samples) {
      const key = JSON.stringify(Object.entries(sample.labels ?? {}).sort(([left], [right]) => (left < right ? -1 : 1)));
      const before = entry.samples.get(key);
      const value = before === undefined ? sample.value : family.over === 'max' ? Math.max(before.value, sample.value) : before.value + sample.value;
      entry.samples.set(key, { ...sample, value });
    }
  }
  return [...families.values()].map(({ family, samples }) => ({ ...family, samples: [...samples.values()] }));
}

/** What a process that has ended leaves: counters never go back. */
export const countersOnly = (families: readonly MetricFamily[]): readonly MetricFamily[] => families.filter((family) => family.type === 'counter');
