import type { Ledger } from '#ledger';
import type { Router } from '#router';
import type { EndpointCounters } from '../endpoint-counters.ts';
import type { WorkerReports } from './worker-reports.ts';

type Reports = () => WorkerReports | undefined;

/** The router of the main process, with what those of the workers have decided. */
export function routerWithWorkers(router: Router, reports: Reports): Router {
  return {
    ...router,
    decisions(filter) {
      const theirs = reports()?.decisions(filter) ?? [];
      const own = router.decisions(filter);
      if (theirs.length === 0) return own;
      return [...own, ...theirs].sort((left, right) => right.atMs - left.atMs).slice(0, filter?.limit ?? own.length + theirs.length);
    },
    decision: (id) => router.decision(id) ?? reports()?.decision(id),
    calibration: () => router.calibration().map((entry) => ({ ...entry, coolingDown: entry.coolingDown || reports()?.isResting(entry.endpoint) === true })),
  };
}

/** Requests and errors of each endpoint in all processes. */
export function countersWithWorkers(counters: EndpointCounters, reports: Reports): EndpointCounters {
  return {
    ...counters,
    of(endpoint) {
      const own = counters.of(endpoint);
      const theirs = reports()?.counters.of(endpoint) ?? { requests: 0, errors: 0 };
      return { requests: own.requests + theirs.requests, errors: own.errors + theirs.errors };
    },
  };
}

/** The ledger, where a change of a key or an account is finished when every worker goes by it. */
export function ledgerWithWorkers(ledger: Ledger, tell: () => Promise<void>): Ledger {
  const telling =
    <Args extends unknown[], Result>(change: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const result = await change(...args);
      await tell();
      return result;
    };
  return {
    ...ledger,
    updateKey: telling(ledger.updateKey),
    rotateKey: telling(ledger.rotateKey),
    revokeKey: telling(ledger.revokeKey),
    deleteKey: telling(ledger.deleteKey),
    putAccount: telling(ledger.putAccount),
    removeAccount: telling(ledger.removeAccount),
  };
}
