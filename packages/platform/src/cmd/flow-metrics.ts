import type { FlowCounts } from '#router';
import type { MetricFamily } from './metric-family.ts';

/** What the queues in front of the models have done. */
export function flowMetrics(counts: readonly FlowCounts[]): readonly MetricFamily[] {
  const labelsOf = ({ model, priority }: FlowCounts): Record<string, string> => ({ model, priority: String(priority) });
  const each = (value: (count: FlowCounts) => number): MetricFamily['samples'] => counts.map((count) => ({ labels: labelsOf(count), value: value(count) }));
  return [
    { name: 'maru_flow_waiting', help: 'Requests that wait for a model whose replicas are full.', type: 'gauge', samples: each((count) => count.waiting) },
    { name: 'maru_flow_waited_total', help: 'Requests that have waited and were then placed.', type: 'counter', samples: each((count) => count.gone) },
    { name: 'maru_flow_wait_ms_total', help: 'Milliseconds that they have waited together.', type: 'counter', samples: each((count) => count.waitedMs) },
    {
      name: 'maru_flow_shed_total',
      help: 'Requests that were shed, by reason.',
      type: 'counter',
      samples: counts.flatMap((count) => Object.entries(count.shed).map(([reason, value]) => ({ labels: { ...labelsOf(count), reason }, value }))),
    },
  ];
}
