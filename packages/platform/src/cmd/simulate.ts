import { readFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import { ROUTER_POLICIES } from '@maru/api/resources';
import type { SimulateOptions, SimulateRow } from '#cli';
import { parseTwinProfile } from '#engines';
import { BLOCK_POLICIES, readTrace, simulateTrace } from '#simulate';

/** Sizes of the published comparison of policies without a model of time. */
const BLOCK_SIZES = [600, 2000, 5859];

/** Fits the simulator to the command line. */
export async function simulate(options: SimulateOptions, signal: AbortSignal): Promise<readonly SimulateRow[]> {
  const whole = await readTrace(options.trace);
  if (signal.aborted) throw new PlatformError('cancelled', { message: 'stopped' });
  const trace = options.limit === undefined ? whole : { ...whole, requests: whole.requests.slice(0, options.limit) };
  const found = simulateTrace({
    trace,
    replicas: options.replicas,
    policies: options.policies.length > 0 ? options.policies : options.timing ? ROUTER_POLICIES : Object.values(BLOCK_POLICIES),
    profile: options.profile.endsWith('.json') ? parseTwinProfile(await readProfile(options.profile)) : options.profile,
    noTiming: !options.timing,
    kvBlocks: options.kvBlocks.length > 0 ? options.kvBlocks : options.timing ? undefined : BLOCK_SIZES,
    seed: options.seed,
    slo: { ttftMs: options.ttftMs, itlMs: options.itlMs },
    gpuUsdPerHour: options.gpuHourUsd,
    rateScale: options.speed,
  });
  if (!options.timing) {
    return found.blocks.flatMap(({ capacity, cells, pooledHitRate, requests }) => [
      ...cells.map((cell, index) => ({
        ...UNTIMED,
        policy: found.policies[index] ?? '',
        kvBlocks: capacity,
        requests,
        hitRate: cell.hitRate,
        imbalance: cell.imbalance,
      })),
      { ...UNTIMED, policy: 'one pooled cache (bound)', kvBlocks: capacity, requests, hitRate: pooledHitRate, imbalance: null },
    ]);
  }
  return found.timed.map((result, index) => ({
    policy: result.policy,
    kvBlocks: found.kvBlocks[Math.floor(index / found.policies.length)] ?? 0,
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

const readProfile = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `can not read the timing profile ${path}: ${(cause as Error).message}`, cause });
  });
