import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerCache } from '#cache';
import type { Engine, EngineLoad } from '#engines';
import type { Gateway } from '#gateway';
import type { FlowControl, Router } from '#router';
import type { Traces } from '#traces';
import type { EndpointCounters } from './endpoint-counters.ts';
import type { EndpointFleets } from './endpoint-fleets.ts';
import type { EnginePool } from './engine-pool.ts';
import { flowMetrics } from './flow-metrics.ts';
import type { MetricFamily } from './metric-family.ts';
import { exportMetrics } from './trace-export.ts';
import { truthMetrics } from './truth-metrics.ts';

interface MeteredRooms {
  readonly gateway: Pick<Gateway, 'active' | 'overload'>;
  readonly pool: EnginePool;
  readonly router: Router;
  readonly counters: EndpointCounters;
  readonly traces: Traces;
  readonly answers: AnswerCache;
  readonly flow: Pick<FlowControl, 'counts'>;
  readonly fleets: Pick<EndpointFleets, 'all'>;
  /** The load that this process has made. */
  readonly loadOf: (engine: Engine) => EngineLoad;
}

export interface MetricsOptions {
  /** Those of all processes of the platform. */
  readonly families: () => readonly MetricFamily[];
  /** Under the names of another gateway. */
  readonly further: () => Promise<readonly MetricFamily[]>;
}

/** `/metrics` in the text format of Prometheus; read from the rooms at every scrape, so nothing is counted twice. */
export const serveMetrics =
  (options: MetricsOptions) =>
  async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = [...options.families(), ...(await options.further())].map(format).join('');
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'content-length': Buffer.byteLength(text) }).end(text);
  };

/** What the rooms of one data plane have counted. */
export function dataPlaneMetrics({ gateway, pool, router, counters, traces, answers, flow, fleets, loadOf }: MeteredRooms): readonly MetricFamily[] {
  const engines = pool.all();
  const perEngine = (value: (engine: (typeof engines)[number]) => number | undefined): MetricFamily['samples'] =>
    engines.flatMap((engine) => {
      const sample = value(engine);
      return sample === undefined ? [] : [{ labels: { endpoint: engine.endpoint, model: engine.model, simulated: String(engine.simulated) }, value: sample }];
    });
  const { lostSpans, backlogBytes } = traces.stats();
  const { hits, misses } = answers.stats();
  const { waiting, refused } = gateway.overload();
  return [
    { name: 'maru_requests_active', help: 'Requests that are being answered.', type: 'gauge', samples: [{ value: gateway.active() }] },
    { name: 'maru_requests_waiting', help: 'Requests that wait because the process is busy.', type: 'gauge', samples: [{ value: waiting }] },
    { name: 'maru_requests_shed_total', help: 'Requests that were refused because too many waited.', type: 'counter', samples: [{ value: refused }] },
    {
      name: 'maru_cache_requests_total',
      help: 'Requests that asked the cache of their route.',
      type: 'counter',
      samples: [
        { labels: { result: 'hit' }, value: hits },
        { labels: { result: 'miss' }, value: misses },
      ],
    },
    {
      name: 'maru_endpoint_requests_total',
      help: 'Requests sent to an endpoint.',
      type: 'counter',
      samples: perEngine((engine) => counters.of(engine.endpoint).requests),
    },
    {
      name: 'maru_endpoint_errors_total',
      help: 'Requests that an endpoint failed.',
      type: 'counter',
      samples: perEngine((engine) => counters.of(engine.endpoint).errors),
    },
    { name: 'maru_endpoint_running', help: 'Requests that run in an endpoint.', type: 'gauge', samples: perEngine((engine) => loadOf(engine).running) },
    { name: 'maru_endpoint_waiting', help: 'Requests that wait in an endpoint.', type: 'gauge', samples: perEngine((engine) => loadOf(engine).waiting) },
    {
      name: 'maru_endpoint_kv_use',
      help: 'Share of the KV cache in use, 0 to 1.',
      type: 'gauge',
      over: 'max',
      samples: perEngine((engine) => loadOf(engine).kvUse),
    },
    ...truthMetrics({ calibration: router.calibration(), peers: router.exchange.peers().length, fleets: fleets.all() }),
    ...flowMetrics(flow.counts()),
    { name: 'maru_spans_lost_total', help: 'Spans that could not be kept.', type: 'counter', samples: [{ value: lostSpans }] },
    ...exportMetrics(traces.exports()),
    { name: 'maru_trace_backlog_bytes', help: 'Bytes of spans that wait for the database.', type: 'gauge', samples: [{ value: backlogBytes }] },
    { name: 'process_resident_memory_bytes', help: 'Resident memory.', type: 'gauge', samples: [{ value: process.memoryUsage.rss() }] },
  ];
}

export const workersServing = (value: number): MetricFamily => ({
  name: 'maru_workers_serving',
  help: 'Worker processes that serve.',
  type: 'gauge',
  samples: [{ value }],
});

function format({ name, help, type, samples }: MetricFamily): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const text = Object.entries(labels)
      .map(([label, content]) => `${label}="${content.replace(/["\\\n]/g, '_')}"`)
      .join(',');
    return `${name}${text === '' ? '' : `{${text}}`} ${value}`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}
