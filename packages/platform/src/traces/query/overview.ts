import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import { sql } from 'kysely';
import type { Db } from '#store';
import { toUs } from '../settle/microseconds.ts';
import { type Percentiles, readPercentiles } from './percentiles.ts';

export interface OverviewOptions {
  readonly fromMs: number;
  readonly toMs: number;
  /** From 1 to 500. */
  readonly buckets: number;
  readonly tenant?: string;
}

/** Load over a span of time, in buckets of equal length. */
export interface TraceOverview {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  readonly requests: { readonly total: number; readonly perSecond: number; readonly series: readonly number[] };
  readonly errors: { readonly total: number; readonly rate: number; readonly series: readonly number[] };
  readonly latency: Percentiles;
  readonly ttft: Percentiles;
  readonly tokens: { readonly total: Usage; readonly series: readonly number[] };
  /** Share of the prompt tokens that came out of a prefix cache, per bucket; null where there were none. */
  readonly hits: readonly (number | null)[];
}

/** Counts, latency percentiles (nearest rank) and tokens of the traces that began in a span of time. */
export async function readOverview(db: Db, options: OverviewOptions): Promise<TraceOverview> {
  const { fromMs, toMs, buckets } = options;
  if (!(Number.isFinite(fromMs) && Number.isFinite(toMs) && toMs > fromMs))
    throw new PlatformError('invalid_request', { message: 'toMs must lie after fromMs, both in milliseconds since 1970' });
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 500)
    throw new PlatformError('invalid_request', { message: `buckets is ${buckets}; it must be a whole number from 1 to 500` });
  const range = {
    fromUs: toUs(fromMs),
    toUs: toUs(toMs),
    widthUs: Math.max(1, Math.ceil((toUs(toMs) - toUs(fromMs)) / buckets)),
    buckets,
    tenant: options.tenant,
  };
  const rows = await db
    .selectFrom('trace')
    .where('start_us', '>=', range.fromUs)
    .where('start_us', '<', range.toUs)
    .$if(range.tenant !== undefined, (query) => query.where('tenant', '=', range.tenant ?? ''))
    .select([
      sql<number>`(start_us - cast(${range.fromUs} as bigint)) / cast(${range.widthUs} as bigint)`.as('bucket'),
      sql<number>`count(*)`.as('requests'),
      sql<number>`sum(case when status = 'error' then 1 else 0 end)`.as('errors'),
      sql<number>`cast(sum(input_tokens) as bigint)`.as('input'),
      sql<number>`cast(sum(cache_read_tokens) as bigint)`.as('cacheRead'),
      sql<number>`cast(sum(cache_write_tokens) as bigint)`.as('cacheWrite'),
      sql<number>`cast(sum(output_tokens) as bigint)`.as('output'),
      sql<number>`cast(sum(reasoning_tokens) as bigint)`.as('reasoning'),
    ])
    .groupBy('bucket')
    .execute();
  const series = (value: (row: (typeof rows)[number]) => number): number[] => {
    const values = new Array<number>(buckets).fill(0);
    for (const row of rows) if (row.bucket < buckets) values[row.bucket] = value(row);
    return values;
  };
  const total = (value: (row: (typeof rows)[number]) => number): number => rows.reduce((sum, row) => sum + value(row), 0);
  const requests = total((row) => row.requests);
  const errors = total((row) => row.errors);
  return {
    fromMs,
    toMs,
    bucketMs: range.widthUs / 1000,
    requests: { total: requests, perSecond: requests / ((toMs - fromMs) / 1000), series: series((row) => row.requests) },
    errors: { total: errors, rate: requests === 0 ? 0 : errors / requests, series: series((row) => row.errors) },
    latency: await readPercentiles(db, 'duration_us', range),
    ttft: await readPercentiles(db, 'ttft_us', range),
    tokens: {
      total: {
        inputTokens: total((row) => row.input),
        cacheReadTokens: total((row) => row.cacheRead),
        cacheWriteTokens: total((row) => row.cacheWrite),
        outputTokens: total((row) => row.output),
        reasoningTokens: total((row) => row.reasoning),
      },
      series: series((row) => row.input + row.cacheRead + row.cacheWrite + row.output + row.reasoning),
    },
    hits: hitsOf(
      series((row) => row.cacheRead),
      series((row) => row.input + row.cacheRead + row.cacheWrite),
    ),
  };
}

const hitsOf = (cached: readonly number[], prompt: readonly number[]): readonly (number | null)[] =>
  prompt.map((tokens, index) => (tokens === 0 ? null : (cached[index] ?? 0) / tokens));
