import { PlatformError } from '@maru/api/errors';
import type { SimulateOptions, SimulateRow } from '#cli';
import { readTrace, simulateTrace } from '#simulate';

/** Fits the simulator to the command line. */
export async function simulate(options: SimulateOptions, signal: AbortSignal): Promise<readonly SimulateRow[]> {
  const whole = await readTrace(options.trace);
  if (signal.aborted) throw new PlatformError('cancelled', { message: 'stopped' });
  const trace = options.limit === undefined ? whole : { ...whole, requests: whole.requests.slice(0, options.limit) };
  const found = simulateTrace({
    trace,
    replicas: options.replicas,
    policies: options.policies,
    profile: options.profile,
    noTiming: !options.timing,
    kvBlocks: options.kvBlocks,
    seed: options.seed,
    slo: { ttftMs: options.ttftMs, itlMs: options.itlMs },
    gpuUsdPerHour: options.gpuHourUsd,
    rateScale: options.speed,
  });
  if (!options.timing) {
    return found.blocks.flatMap((row) =>
      row.cells.map((cell, index) => ({
        ...UNTIMED,
        policy: found.policies[index] ?? '',
        requests: found.requests,
        hitRate: cell.hitRate,
        imbalance: cell.imbalance,
      })),
    );
  }
  return found.timed.map((result) => ({
    policy: result.policy,
    requests: result.completed,
    hitRate: result.hitRate,
    imbalance: result.imbalance,
    ttftMeanMs: result.ttftMs.mean,
    ttftP95Ms: result.ttftMs.p95,
    itlMeanMs: result.itlMs.mean,
    goodput: result.withinSlo,
    tokensPerSecond: result.outputTokensPerS,
    usdPerMillionTokens: result.usdPerMillionTokens,
  }));
}

const UNTIMED = { ttftMeanMs: null, ttftP95Ms: null, itlMeanMs: null, goodput: null, tokensPerSecond: null, usdPerMillionTokens: null };
