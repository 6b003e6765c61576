import { nanoToUsd, promptTokens } from '@maru/api/records';
import type { BudgetState, Overview } from '@maru/api/wire';
import type { Ledger } from '#ledger';
import type { Registry } from '#resources';
import type { Router } from '#router';
import type { Clock } from '#time';
import type { TraceOverview, Traces } from '#traces';
import { isSimulated } from '../catalogue.ts';
import { prefixSavingsNano } from './savings.ts';
import { spendSeries } from './spend-series.ts';
import { type BucketRange, fitBuckets, zeros } from './time-buckets.ts';

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
    hit: { expected: expectedHit(options.router, fromMs), ...realisedHit(load), savedUsd: nanoToUsd(prefixSavingsNano(options, byModel)) },
    ttft: { p50Ms: load.ttft.p50Ms, p95Ms: load.ttft.p95Ms, series: [...load.ttft.series] },
    errors: { rate: load.errors.rate, total: load.errors.total, retried: retried(options.router, fromMs), series: [...load.errors.series] },
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

/** Over the decisions of this process that looked at the prompt, of the last day at most; null where there were none. */
function expectedHit(router: Router, fromMs: number): number | null {
  const points = router.history(fromMs);
  const prompt = points.reduce((sum, point) => sum + point.promptTokens, 0);
  return prompt === 0 ? null : Math.min(1, points.reduce((sum, point) => sum + point.expectedCachedTokens, 0) / prompt);
}

/** Over every request of the range. */
function realisedHit({ tokens, hits }: TraceOverview): Pick<Overview['hit'], 'realised' | 'series'> {
  const prompt = promptTokens(tokens.total);
  return { realised: prompt === 0 ? null : tokens.total.cacheReadTokens / prompt, series: [...hits] };
}

const retried = (router: Router, fromMs: number): number => router.history(fromMs).reduce((sum, point) => sum + point.retries, 0);
