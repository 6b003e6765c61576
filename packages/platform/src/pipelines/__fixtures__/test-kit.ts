import { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import { type Pipeline, pipelineKind } from '@maru/api/resources';
import { migrateStore, openStore, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { createPipelines, type Pipelines } from '../create-pipelines.ts';
import type { PipelinePorts, StepContext } from '../ports.ts';
import type { PipelineEvent } from '../run-events.ts';

export function makePipeline(steps: readonly Record<string, unknown>[], extra: Record<string, unknown> = {}, name = 'nightly'): Pipeline {
  return pipelineKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Pipeline', metadata: { name }, spec: { steps, ...extra } });
}

export const ingest = (name: string, needs: readonly string[] = [], extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  type: 'ingest',
  knowledgeBase: name,
  needs,
  ...extra,
});
export const evaluate = (name: string, needs: readonly string[] = [], extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  type: 'evaluate',
  evaluation: 'answers',
  needs,
  ...extra,
});
export const gate = (name: string, needs: readonly string[], atLeast: Record<string, number> = { hit: 0.8 }): Record<string, unknown> => ({
  name,
  type: 'gate',
  evaluation: 'answers',
  needs,
  atLeast,
});
export const publish = (name: string, needs: readonly string[] = []): Record<string, unknown> => ({
  name,
  type: 'publish',
  needs,
  route: { name: 'auto', spec: { backends: [{ model: 'reader' }] } },
});

/** The pipeline of the quickstart. */
export const wholePipeline = (): Pipeline =>
  makePipeline([ingest('handbook'), evaluate('measure', ['handbook']), gate('good-enough', ['measure']), publish('serve', ['good-enough'])]);

interface Call {
  readonly what: string;
  readonly context: StepContext;
}

export interface Bench {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly pipelines: Pipelines;
  readonly calls: Call[];
  readonly spans: Span[];
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly store?: Store;
  readonly clock?: FakeClock;
  readonly seed?: number;
  readonly means?: Readonly<Record<string, number>>;
  /** What an ingestion does; by default it succeeds at once. */
  readonly ingest?: (name: string, signal: AbortSignal, context: StepContext) => Promise<Readonly<Record<string, unknown>>>;
}

/** The room on a real SQLite, with a clock that stands still and ports that write down their calls. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const store = options.store ?? (await openTestStore());
  const clock = options.clock ?? createFakeClock();
  const calls: Call[] = [];
  const spans: Span[] = [];
  const ports: PipelinePorts = {
    ingest: {
      ingest: async (knowledgeBase, context, signal) => {
        calls.push({ what: `ingest ${knowledgeBase}`, context });
        return options.ingest === undefined ? { documents: 3 } : options.ingest(knowledgeBase, signal, context);
      },
    },
    evaluate: {
      evaluate: (evaluation, context) => {
        calls.push({ what: `evaluate ${evaluation}`, context });
        return Promise.resolve({ runId: 'eval_1', means: options.means ?? { hit: 0.9 } });
      },
    },
    routes: {
      publish: (route, context) => {
        calls.push({ what: `publish ${route.name}`, context });
        return Promise.resolve();
      },
    },
    spans: { record: (span) => void spans.push(span) },
  };
  const seed = options.seed ?? 1;
  const ids = createSeededIds(seed);
  // Processes that share a store must not give out the same ids.
  for (let skipped = 1; skipped < seed * 1_000; skipped += 1) ids.next('skipped');
  const pipelines = createPipelines({ store, clock, ids, log: silentLog, ports, leaseTtlMs: 15_000 });
  return {
    store,
    clock,
    pipelines,
    calls,
    spans,
    async close() {
      await pipelines.close();
      if (options.store === undefined) await store.close();
    },
  };
}

export async function openTestStore(path = ':memory:'): Promise<Store> {
  const store = await openStore({ url: path });
  await migrateStore(store);
  return store;
}

/** All events of a run up to its end. */
export async function eventsOf(pipelines: Pipelines, runId: string): Promise<PipelineEvent[]> {
  const events: PipelineEvent[] = [];
  for await (const event of pipelines.stream(runId, { signal: new AbortController().signal })) events.push(event);
  return events;
}

/** Waits until `check` holds, letting promises run in between. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 20_000; turn += 1) {
    if (await check()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new PlatformError('internal', { message: 'the condition did not come true' });
}
