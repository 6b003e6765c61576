import type { EndpointFleet } from '#endpoints';
import type { Picker, Pool } from '#picker';
import type { FlowControl, Router } from '#router';
import { flowMetrics } from './flow-metrics.ts';
import type { MetricFamily } from './metric-family.ts';
import { truthMetrics } from './truth-metrics.ts';

interface MeteredPicker {
  readonly picker: Pick<Picker, 'stats'>;
  readonly pool: Pick<Pool, 'endpoints'>;
  readonly fleet: Pick<EndpointFleet, 'spec' | 'all' | 'signals' | 'degradations'>;
  readonly router: Pick<Router, 'calibration' | 'exchange'>;
  readonly flow: Pick<FlowControl, 'counts'>;
}

/** What an endpoint picker has done, what it knows of its endpoints, and how right it was. */
export function pickerMetrics({ picker: { stats }, pool, fleet, router, flow }: MeteredPicker): readonly MetricFamily[] {
  const all = fleet.all();
  const perEndpoint = (value: (name: string) => number | undefined): MetricFamily['samples'] =>
    all.flatMap(({ name }) => {
      const sample = value(name);
      return sample === undefined ? [] : [{ labels: { endpoint: name }, value: sample }];
    });
  return [
    { name: 'maru_picker_picks_total', help: 'Requests that were given an endpoint.', type: 'counter', samples: [{ value: stats.picked }] },
    {
      name: 'maru_picker_fallbacks_total',
      help: 'Requests that the gateway took to another endpoint than the chosen one.',
      type: 'counter',
      samples: [{ value: stats.fallbacks }],
    },
    {
      name: 'maru_picker_refused_total',
      help: 'Requests that were answered with an error, by its code.',
      type: 'counter',
      samples: Object.entries(stats.refused).map(([code, value]) => ({ labels: { code }, value })),
    },
    {
      name: 'maru_picker_pick_ms_total',
      help: 'Milliseconds from whole requests to their endpoints together; waiting for room is not in it.',
      type: 'counter',
      samples: [{ value: stats.pickMs }],
    },
    { name: 'maru_picker_endpoints_found', help: 'Endpoints that were found.', type: 'gauge', samples: [{ value: all.length }] },
    { name: 'maru_picker_endpoints_usable', help: 'Endpoints that requests may go to.', type: 'gauge', samples: [{ value: pool.endpoints().length }] },
    {
      name: 'maru_picker_report_age_ms',
      help: 'Age of the newest report of an endpoint, in milliseconds; absent before the first.',
      type: 'gauge',
      samples: perEndpoint((name) => finite(fleet.signals(name)?.ageMs)),
    },
    {
      name: 'maru_picker_report_stale',
      help: '1 while the report of an endpoint is too old to be used.',
      type: 'gauge',
      samples: perEndpoint((name) => (fleet.signals(name)?.stale === false ? 0 : 1)),
    },
    ...truthMetrics({ calibration: router.calibration(), peers: router.exchange.peers().length, fleets: [fleet] }),
    ...flowMetrics(flow.counts()),
    { name: 'process_resident_memory_bytes', help: 'Resident memory.', type: 'gauge', samples: [{ value: process.memoryUsage.rss() }] },
  ];
}

const finite = (value: number | undefined): number | undefined => (value === undefined || !Number.isFinite(value) ? undefined : value);
