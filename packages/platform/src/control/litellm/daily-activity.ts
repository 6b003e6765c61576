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

/** Sums per day (UTC) of accounts, or of all keys where none is named, with the models of each day. */
export async function dailyActivity(ports: LitellmPorts, query: { start_date: string; end_date: string; ids?: readonly string[] | undefined }) {
  const range = readRange(query);
  const accounts = query.ids === undefined ? { prefix: 'key/' } : { ids: query.ids };
  const rows = (await ports.ledger.accountSpend({ ...accounts, ...range, by: ['day', 'model', 'provider'] })).map((row) => ({
    date: new Date(row.dayMs ?? 0).toISOString().slice(0, 10),
    model: row.model ?? '',
    provider: row.provider ?? '',
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
        models: sumsBy(ofDay, (row) => row.model),
        providers: sumsBy(ofDay, (row) => row.provider),
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

const sumsBy = <Row extends { readonly metrics: DayMetrics }>(rows: readonly Row[], nameOf: (row: Row) => string): Record<string, { metrics: DayMetrics }> =>
  Object.fromEntries([...Map.groupBy(rows, nameOf)].map(([name, list]) => [name, { metrics: list.reduce((sum, row) => add(sum, row.metrics), NOTHING) }]));

const add = (left: DayMetrics, right: DayMetrics): DayMetrics =>
  Object.fromEntries((Object.keys(NOTHING) as (keyof DayMetrics)[]).map((name) => [name, left[name] + right[name]])) as unknown as DayMetrics;
