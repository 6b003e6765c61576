import { sql } from 'kysely';
import type { Db } from '#store';
import { toMs } from '../settle/microseconds.ts';

export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** One p95 per bucket; null where nothing was finished. */
  readonly series: readonly (number | null)[];
}

export interface OverviewRange {
  readonly fromUs: number;
  readonly toUs: number;
  readonly widthUs: number;
  readonly buckets: number;
  readonly tenant: string | undefined;
}

/** Nearest-rank percentiles, counted by the database: the values themselves never leave it. */
export async function readPercentiles(db: Db, column: 'duration_us' | 'ttft_us', range: OverviewRange): Promise<Percentiles> {
  const values = db
    .selectFrom('trace')
    .where('start_us', '>=', range.fromUs)
    .where('start_us', '<', range.toUs)
    .where(column, 'is not', null)
    .$if(range.tenant !== undefined, (query) => query.where('tenant', '=', range.tenant ?? ''));
  const bucket = sql<number>`(start_us - cast(${range.fromUs} as bigint)) / cast(${range.widthUs} as bigint)`;
  const overall = await db
    .selectFrom(values.select([sql<number>`${sql.ref(column)}`.as('value'), rank(column).as('place'), sql<number>`count(*) over ()`.as('total')]).as('ranked'))
    .select(['value', 'place', 'total'])
    .where((eb) => eb.or([isRank(50), isRank(95)]))
    .orderBy('place')
    .execute();
  const perBucket = await db
    .selectFrom(
      db
        .selectFrom(values.select([bucket.as('bucket'), sql<number>`${sql.ref(column)}`.as('value')]).as('bucketed'))
        .select([
          'bucket',
          'value',
          sql<number>`row_number() over (partition by bucket order by value)`.as('place'),
          sql<number>`count(*) over (partition by bucket)`.as('total'),
        ])
        .as('ranked'),
    )
    .select(['bucket', 'value'])
    .where(isRank(95))
    .execute();
  const series = new Array<number | null>(range.buckets).fill(null);
  for (const row of perBucket) if (row.bucket < range.buckets) series[row.bucket] = toMs(row.value);
  const first = overall[0];
  const last = overall.at(-1);
  return { p50Ms: first === undefined ? null : toMs(first.value), p95Ms: last === undefined ? null : toMs(last.value), series };
}

const rank = (column: string) => sql<number>`row_number() over (order by ${sql.ref(column)})`;

/** The place of a percentile among `total` values: the smallest place that covers it; whole-number division on both databases. */
const isRank = (percent: 50 | 95) => sql<boolean>`place = (total * ${sql.lit(percent)} + 99) / 100`;
