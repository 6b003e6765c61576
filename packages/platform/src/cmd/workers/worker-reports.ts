import type { RouteDecision } from '@maru/api/records';
import { createDecisionLog, type DecisionFilter } from '#router';
import type { EndpointCounters } from '../endpoint-counters.ts';
import type { MetricFamily } from '../metric-family.ts';
import type { WorkerReport } from './messages.ts';
import { countersOnly, sumMetrics } from './sum-metrics.ts';

/** What all workers have said of themselves, also those that have ended. Up to a second old. */
export interface WorkerReports {
  take(index: number, report: WorkerReport): void;
  /** A worker has ended: what it has counted stays. */
  ended(index: number): void;
  active(): number;
  metrics(): readonly MetricFamily[];
  counters: Pick<EndpointCounters, 'of'>;
  isResting(endpoint: string): boolean;
  /** Newest first. */
  decisions(filter?: DecisionFilter): readonly RouteDecision[];
  decision(id: string): RouteDecision | undefined;
}

type Counts = WorkerReport['counters'];

const KEPT_DECISIONS = 1000;

export function createWorkerReports(): WorkerReports {
  const last = new Map<number, WorkerReport>();
  const log = createDecisionLog<RouteDecision>(KEPT_DECISIONS);
  let goneMetrics: readonly MetricFamily[] = [];
  let goneCounts: Counts = {};
  return {
    take(index, report) {
      last.set(index, report);
      for (const decision of report.decisions) log.put(decision);
    },
    ended(index) {
      const report = last.get(index);
      if (report === undefined) return;
      last.delete(index);
      goneMetrics = sumMetrics([goneMetrics, countersOnly(report.metrics)]);
      goneCounts = sumCounts([goneCounts, report.counters]);
    },
    active: () => [...last.values()].reduce((sum, report) => sum + report.active, 0),
    metrics: () => sumMetrics([goneMetrics, ...[...last.values()].map((report) => report.metrics)]),
    counters: { of: (endpoint) => sumCounts([goneCounts, ...[...last.values()].map((report) => report.counters)])[endpoint] ?? NONE },
    isResting: (endpoint) => [...last.values()].some((report) => report.resting.includes(endpoint)),
    decisions: (filter) => log.recent(filter),
    decision: (id) => log.get(id),
  };
}

const NONE = { requests: 0, errors: 0 };

function sumCounts(all: readonly Counts[]): Counts {
  const sum: Record<string, Counts[string]> = {};
  for (const counts of all)
    for (const [endpoint, { requests, errors }] of Object.entries(counts)) {
      const before = sum[endpoint] ?? NONE;
      sum[endpoint] = { requests: before.requests + requests, errors: before.errors + errors };
    }
  return sum;
}
