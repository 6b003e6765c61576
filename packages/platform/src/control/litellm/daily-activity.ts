import { nanoToUsd } from '@maru/api/records';
import { readRange } from './date-range.ts';
import type { LitellmPorts } from './ports.ts';

interface DayMetrics {
  readonly spend: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly api_requests: number;
  readonly successful_requests: number;
  readonly failed_requests: number;
}

const NOTHING: DayMetrics = { spend: 0, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, api_requests: 0, successful_requests: 0, failed_requests: 0 };

/** Sums per day (UTC), of one user or of all, with the models of each day. */
export async function dailyActivity(ports: LitellmPorts, query: { start_date: string; end_date: string; user_id?: string | undefined }) {
  const range = readRange(query);
  const wanted = query.user_id === undefined ? (await ports.ledger.listKeys()).map((key) => `key/${key.id}`).concat('key/master') : [query.user_id];
  const rows = (await ports.ledger.accountSpend({ ids: wanted.slice(0, 500), ...range, by: ['day', 'model'] })).map((row) => ({
    date: new Date(row.dayMs ?? 0).toISOString().slice(0, 10),
    model: row.model ?? '',
    metrics: {
      spend: nanoToUsd(row.costNanoUsd),
      prompt_tokens: row.promptTokens,
      completion_tokens: row.completionTokens,
      total_tokens: row.promptTokens + row.completionTokens,
      api_requests: row.requests,
      successful_requests: row.requests - row.errors,
      failed_requests: row.errors,
    },
  }));
  const results = [...Map.groupBy(rows, (row) => row.date)]
    .sort(([left], [right]) => (left < right ? 1 : -1))
    .map(([date, ofDay]) => ({
      date,
      metrics: ofDay.reduce((sum, row) => add(sum, row.metrics), NOTHING),
      breakdown: {
        models: Object.fromEntries(
          [...Map.groupBy(ofDay, (row) => row.model)].map(([model, list]) => [model, { metrics: list.reduce((sum, row) => add(sum, row.metrics), NOTHING) }]),
        ),
        providers: {},
        api_keys: {},
      },
    }));
  const total = results.reduce((sum, day) => add(sum, day.metrics), NOTHING);
  return {
    results,
    metadata: {
      total_spend: total.spend,
      total_prompt_tokens: total.prompt_tokens,
      total_completion_tokens: total.completion_tokens,
      total_tokens: total.total_tokens,
      total_api_requests: total.api_requests,
      total_successful_requests: total.successful_requests,
      total_failed_requests: total.failed_requests,
      page: 1,
      total_pages: 1,
      has_more: false,
    },
  };
}

const add = (left: DayMetrics, right: DayMetrics): DayMetrics =>
  Object.fromEntries((Object.keys(NOTHING) as (keyof DayMetrics)[]).map((name) => [name, left[name] + right[name]])) as unknown as DayMetrics;
