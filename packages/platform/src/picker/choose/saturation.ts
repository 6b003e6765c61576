import type { PoolEndpoint } from '../ports.ts';

/** What makes an endpoint full: this many waiting requests, or this share of its KV memory. */
export interface SaturationLimits {
  readonly queueDepth: number;
  readonly kvUse: number;
}

export const DEFAULT_SATURATION: SaturationLimits = Object.freeze({ queueDepth: 5, kvUse: 0.8 });

/**
 * How full the endpoints are: 1 and more is full. The mean over those that report; one that does not is left out, so that an outage of
 * the metrics never refuses a request. 0 where none reports.
 */
export function saturationOf(endpoints: readonly PoolEndpoint[], limits: SaturationLimits): number {
  let sum = 0;
  let reporting = 0;
  for (const endpoint of endpoints) {
    const reported = endpoint.reported();
    if (reported === undefined) continue;
    reporting += 1;
    sum += Math.max(reported.waiting / limits.queueDepth, reported.kvUse / limits.kvUse);
  }
  return reporting === 0 ? 0 : sum / reporting;
}
