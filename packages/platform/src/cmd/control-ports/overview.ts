import { nanoToUsd, promptTokens, ZERO_USAGE } from '@maru/api/records';
import type { BudgetState, Overview } from '@maru/api/wire';
import type { Ledger } from '#ledger';
import type { Registry } from '#resources';
import type { Router } from '#router';
import type { Clock } from '#time';
import type { Traces } from '#traces';
import { isSimulated } from '../catalogue.ts';
import { priceQueryOf } from '../ledger-ports.ts';
import { spendSeries } from './spend-series.ts';
import { type BucketRange, bucketOf, fitBuckets, zeros } from './time-buckets.ts';

export interface OverviewOptions {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly traces: Traces;
  readonly router: Router;
  readonly clock: Clock;
  readonly budgets: readonly BudgetState[];
}

type Figures = Omit<Overview, 'endpoints' | 'attention'>;

/** The figures of the overview, each from the room that keeps it. */
export async function overviewFigures(options: OverviewOptions, asked: BucketRange): Promise<Figures & { readonly unpriced: number }> {
  const { ledger, traces, registry, budgets } = options;
  const range = fitBuckets(asked);
  const { fromMs, toMs } = range;
  const load = await traces.overview(range);
  const [byModel, byTenant, series] = await Promise.all([
    ledger.spend({ by: 'model', fromMs, toMs }),
    ledger.spend({ by: 'tenant', fromMs, toMs }),
    spendSeries(ledger, range),
  ]);
  const simulated = new Set(
    registry
      .list('Model')
      .filter(isSimulated)
      .map((model) => model.metadata.name),
  );
  const spendByModel = [...series].map(([model, usd]) => ({ model, simulated: simulated.has(model), usd: [...usd] }));
  const totals = zeros(range).map((_zero, index) => spendByModel.reduce((sum, entry) => sum + (entry.usd[index] ?? 0), 0));
  const spentNano = byModel.reduce((sum, row) => sum + row.costNanoUsd, 0);
  return {
    fromMs,
    toMs,
    bucketMs: (toMs - fromMs) / range.buckets,
    requests: { total: load.requests.total, perSecond: load.requests.perSecond, series: [...load.requests.series] },
    spend: { usd: nanoToUsd(spentNano), ...budgetOf(budgets), monthEndUsd: monthEnd(budgets, options.clock.nowMs()), series: totals },
    hit: { ...hits(options.router, range), savedUsd: saved(options, byModel) },
    ttft: { p50Ms: load.ttft.p50Ms, p95Ms: load.ttft.p95Ms, series: [...load.ttft.series] },
    errors: { rate: load.errors.rate, total: load.errors.total, retried: retried(options.router, range), series: [...load.errors.series] },
    spendByModel,
    tenants: byTenant.map((row) => {
      const budget = budgets.find((state) => state.ownerKind === 'tenant' && state.owner === row.group);
      return {
        tenant: row.group,
        usd: nanoToUsd(row.costNanoUsd),
        budgetUsd: budget === undefined ? null : nanoToUsd(budget.limitNanoUsd),
        usedShare: budget === undefined || budget.limitNanoUsd === 0 ? null : budget.spentNanoUsd / budget.limitNanoUsd,
      };
    }),
    unpriced: byModel.reduce((sum, row) => sum + row.unpriced, 0),
  };
}

/** Limits of the tenants per month together; null when no tenant has one. */
function budgetOf(budgets: readonly BudgetState[]): { budgetUsd: number | null } {
  const monthly = budgets.filter((state) => state.ownerKind === 'tenant' && state.window === 'month');
  return { budgetUsd: monthly.length === 0 ? null : nanoToUsd(monthly.reduce((sum, state) => sum + state.limitNanoUsd, 0)) };
}

/** The spend of the month carried on at its pace until now; nothing is said in the first six hours. */
function monthEnd(budgets: readonly BudgetState[], nowMs: number): number | null {
  const monthly = budgets.filter((state) => state.ownerKind === 'tenant' && state.window === 'month' && state.resetsMs !== null);
  const resetsMs = monthly[0]?.resetsMs;
  if (resetsMs === null || resetsMs === undefined) return null;
  const date = new Date(nowMs);
  const startMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const passed = nowMs - startMs;
  if (passed < 6 * 3_600_000) return null;
  return nanoToUsd((monthly.reduce((sum, state) => sum + state.spentNanoUsd, 0) * (resetsMs - startMs)) / passed);
}

function hits(router: Router, range: BucketRange): Pick<Overview['hit'], 'expected' | 'realised' | 'series'> {
  const realised = zeros(range);
  const prompt = zeros(range);
  let expectedTokens = 0;
  for (const decision of router.decisions({ limit: 1000 })) {
    const bucket = bucketOf(range, decision.atMs);
    if (bucket === undefined || decision.realisedCachedTokens === null) continue;
    expectedTokens += decision.expectedCachedTokens;
    realised[bucket] = (realised[bucket] ?? 0) + decision.realisedCachedTokens;
    prompt[bucket] = (prompt[bucket] ?? 0) + decision.promptTokens;
  }
  const all = prompt.reduce((sum, tokens) => sum + tokens, 0);
  const share = (part: number): number | null => (all === 0 ? null : Math.min(1, part / all));
  return {
    expected: share(expectedTokens),
    realised: share(realised.reduce((sum, tokens) => sum + tokens, 0)),
    series: prompt.map((tokens, index) => (tokens === 0 ? null : Math.min(1, (realised[index] ?? 0) / tokens))),
  };
}

/** Requests that were decided more than once. */
function retried(router: Router, range: BucketRange): number {
  const seen = new Map<string, number>();
  for (const decision of router.decisions({ limit: 1000 }))
    if (bucketOf(range, decision.atMs) !== undefined) seen.set(decision.requestId, (seen.get(decision.requestId) ?? 0) + 1);
  return [...seen.values()].filter((count) => count > 1).length;
}

/** What the tokens that came out of a cache would have cost more as fresh ones. */
function saved({ ledger, registry }: OverviewOptions, byModel: Awaited<ReturnType<Ledger['spend']>>): number | null {
  let nano = 0;
  for (const row of byModel) {
    const model = registry.get('Model', row.group);
    if (model === undefined || promptTokens(row.usage) === 0) continue;
    const query = priceQueryOf(model);
    const fresh = ledger.priceOf({ ...ZERO_USAGE, inputTokens: row.usage.cacheReadTokens }, query).costNanoUsd;
    const cached = ledger.priceOf({ ...ZERO_USAGE, cacheReadTokens: row.usage.cacheReadTokens }, query).costNanoUsd;
    if (fresh !== null && cached !== null) nano += fresh - cached;
  }
  return nanoToUsd(nano);
}
