import type { RouteDecision } from '@maru/api/records';
import type { DataPlane } from '../data-plane.ts';
import { dataPlaneMetrics } from '../metrics.ts';
import type { SharedLoads } from './endpoint-loads.ts';
import type { WorkerReport } from './messages.ts';

/** Decisions per report: what people look at is a sample where there are many. */
const MAX_DECISIONS = 25;

/** Reads what a worker says of itself; a decision is said again only when more is known of it. */
export function createReporter(plane: DataPlane, loadOf: SharedLoads['ownOf']): { read(): WorkerReport } {
  const said = new WeakSet<RouteDecision>();
  return {
    read() {
      const { gateway, router, pool, counters } = plane;
      const decisions = router.decisions({ limit: MAX_DECISIONS }).filter((decision) => !said.has(decision));
      for (const decision of decisions) said.add(decision);
      return {
        active: gateway.active(),
        metrics: dataPlaneMetrics({ ...plane, loadOf }),
        counters: Object.fromEntries(pool.all().map(({ endpoint }) => [endpoint, counters.of(endpoint)])),
        resting: router.calibration().flatMap((entry) => (entry.coolingDown ? [entry.endpoint] : [])),
        decisions: decisions.reverse(),
      };
    },
  };
}
