import { fairnessOf } from '../../report/fairness.ts';
import { createLatencyHistogram } from '../../report/latency-histogram.ts';
import type { Slo, TenantResult, TenantsResult } from '../../report/result.ts';
import type { TraceRequest } from '../../trace/trace-request.ts';
import { isGood, type RequestMeasure } from '../measure.ts';
import { priorityOf } from './flow-gate.ts';

/** Counts the requests of each tenant and priority. */
export interface TenantTally {
  /** Where a request of this tenant is counted. */
  measureOf(request: TraceRequest & { readonly tenant: string }): RequestMeasure;
  /** Undefined where no request named a tenant. */
  result(): TenantsResult | undefined;
}

/** Each takes 100 kB for its times. */
const MAX_ROWS = 64;
const OTHERS = '(others)';

export function createTenantTally(slo: Slo | undefined, hasFlow: boolean): TenantTally {
  const rows = new Map<string, Row>();
  return {
    measureOf: (request) => {
      const priority = priorityOf(request);
      const key = `${priority} ${request.tenant}`;
      const known = rows.get(key) ?? (rows.size < MAX_ROWS ? undefined : rows.get(OTHERS));
      if (known !== undefined) return known.measure;
      const isFull = rows.size >= MAX_ROWS;
      const row = createRow(isFull ? { tenant: OTHERS, priority: 0 } : { tenant: request.tenant, priority }, slo);
      rows.set(isFull ? OTHERS : key, row);
      return row.measure;
    },
    result: () => {
      if (rows.size === 0) return undefined;
      const perTenant = [...Map.groupBy(rows.values(), ({ tenant }) => tenant).values()].map((own) => ({
        asked: own.reduce((sum, { asked }) => sum + asked(), 0),
        got: own.reduce((sum, { got }) => sum + got(), 0),
      }));
      const each = [...rows.values()].map((row) => row.result(hasFlow)).sort((left, right) => right.requests - left.requests || right.priority - left.priority);
      return { fairness: fairnessOf(perTenant), each };
    },
  };
}

interface Row {
  readonly tenant: string;
  readonly measure: RequestMeasure;
  /** Tokens that were asked for, and those that were served within the SLO. */
  asked(): number;
  got(): number;
  result(hasFlow: boolean): TenantResult;
}

function createRow({ tenant, priority }: Pick<TenantResult, 'tenant' | 'priority'>, slo: Slo | undefined): Row {
  const ttft = createLatencyHistogram();
  const sums = { requests: 0, completed: 0, refused: 0, good: 0, asked: 0, got: 0, gone: 0, waitMs: 0 };
  const refuse = (): void => {
    sums.refused += 1;
  };
  const hasSlo = slo?.ttftMs !== undefined || slo?.itlMs !== undefined;
  return {
    tenant,
    asked: () => sums.asked,
    got: () => sums.got,
    measure: {
      arrived: ({ inputTokens, outputTokens }) => {
        sums.requests += 1;
        sums.asked += inputTokens + Math.max(1, outputTokens);
      },
      rejected: refuse,
      shed: refuse,
      waited: (waitedMs) => {
        sums.gone += 1;
        sums.waitMs += waitedMs;
      },
      token: () => undefined,
      finished: (request) => {
        sums.completed += 1;
        ttft.add(request.firstTokenMs - request.arrivalMs);
        if (!isGood(request, slo)) return;
        sums.good += 1;
        sums.got += request.inputTokens + request.outputTokens;
      },
    },
    result: (hasFlow) => ({
      tenant,
      priority,
      requests: sums.requests,
      completed: sums.completed,
      refused: sums.refused,
      withinSlo: hasSlo ? sums.good / sums.requests : null,
      ttftMs: ttft.summary(),
      waitMs: !hasFlow || sums.gone === 0 ? null : sums.waitMs / sums.gone,
    }),
  };
}
