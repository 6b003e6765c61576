import { PlatformError } from '@maru/api/errors';
import { type TwinProfile, twinProfile } from '#engines';
import { type FlowSettings, POLICIES } from '#router';
import { type BlockRow, blockTable } from './no-timing/block-table.ts';
import type { PolicyResult, Slo } from './report/result.ts';
import { checkFleet, type FleetOptions } from './timed/fleet/fleet-options.ts';
import { timedRun } from './timed/timed-run.ts';
import type { RequestSource } from './trace/trace-request.ts';

export interface SimulateOptions {
  readonly trace: RequestSource;
  readonly replicas: number;
  /** Names of policies; several are compared on the same requests. */
  readonly policies: readonly string[];
  /** Timing profile of the engine twin, or its name; `h100-llama-3.1-8b` where absent. */
  readonly profile?: string | TwinProfile | undefined;
  /** Replays blocks only, without a model of time. */
  readonly noTiming?: boolean | undefined;
  /** KV blocks per replica, of the trace's block size; what the profile's memory holds where absent. A list gives one row each without timing. */
  readonly kvBlocks?: number | readonly number[] | undefined;
  readonly seed?: number | undefined;
  readonly slo?: Slo | undefined;
  readonly gpuUsdPerHour?: number | undefined;
  /** 2 lets requests arrive twice as fast. */
  readonly rateScale?: number | undefined;
  readonly maxBatchedTokens?: number | undefined;
  readonly maxNumSeqs?: number | undefined;
  /** Admission refuses a request when more wait per replica than this. */
  readonly maxWaiting?: number | undefined;
  /** The gateway's flow control, which takes the place of `maxWaiting`. */
  readonly flow?: FlowSettings | undefined;
  /** A fleet that changes; `replicas` are those that it begins with. */
  readonly fleet?: FleetOptions | undefined;
}

/** What a simulation found; `timed` or `blocks` is filled. */
export interface Simulation {
  readonly profile: { readonly name: string; readonly title: string; readonly status: string; readonly source: string } | undefined;
  readonly policies: readonly string[];
  readonly replicas: number;
  readonly kvBlocks: readonly number[];
  readonly seed: number;
  readonly timed: readonly PolicyResult[];
  readonly blocks: readonly BlockRow[];
}

const MAX_REPLICAS = 1024;

/**
 * Replays a trace in virtual time through the router's own policies and the engine twin; the same options give the same
 * result. Throws `config_invalid` for an unknown policy or profile and for figures out of range.
 */
export function simulateTrace(options: SimulateOptions): Simulation {
  const wanted = options.profile ?? 'h100-llama-3.1-8b';
  const profile = typeof wanted === 'string' ? twinProfile(wanted) : wanted;
  const seed = options.seed ?? 1;
  const { trace, replicas, policies } = options;
  check(options);
  const fitting = Math.max(1, Math.floor(profile.kvTokens / trace.blockTokens));
  const kvBlocks = options.kvBlocks === undefined ? [fitting] : typeof options.kvBlocks === 'number' ? [options.kvBlocks] : options.kvBlocks;
  const facts = { policies, replicas, kvBlocks, seed };
  if (options.noTiming === true) {
    return { ...facts, profile: undefined, timed: [], blocks: blockTable({ trace, workers: replicas, capacities: kvBlocks, policies, seed }) };
  }
  const timed = kvBlocks.flatMap((blocks) =>
    policies.map(
      (policy) =>
        timedRun({
          trace,
          policy,
          replicas,
          profile,
          kvBlocks: blocks,
          seed,
          slo: options.slo,
          gpuUsdPerHour: options.gpuUsdPerHour,
          rateScale: options.rateScale ?? 1,
          maxBatchedTokens: options.maxBatchedTokens ?? 8192,
          maxNumSeqs: options.maxNumSeqs ?? 256,
          maxWaiting: options.maxWaiting,
          flow: options.flow,
          fleet: options.fleet,
        }).result,
    ),
  );
  const { name, title, status, source } = profile;
  return { ...facts, profile: { name, title, status, source }, timed, blocks: [] };
}

function check(options: SimulateOptions): void {
  const bad = (message: string): PlatformError => new PlatformError('config_invalid', { message });
  if (!Number.isInteger(options.replicas) || options.replicas < 1 || options.replicas > MAX_REPLICAS)
    throw bad(`replicas must be a whole number from 1 to ${MAX_REPLICAS}, not ${options.replicas}`);
  if (options.fleet !== undefined) checkFleet(options.fleet);
  if (options.flow !== undefined && options.maxWaiting !== undefined)
    throw bad('a request either waits for room by flow control or is refused when too many wait per replica; leave maxWaiting out');
  if (options.policies.length === 0) throw bad(`no policy to simulate; name one or more of: ${POLICIES.join(', ')}`);
  for (const policy of options.policies)
    if (!POLICIES.includes(policy)) throw bad(`no routing policy is called "${policy}"; use one of: ${POLICIES.join(', ')}`);
  for (const blocks of [options.kvBlocks ?? 1].flat())
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > 1e8) throw bad(`KV blocks must be a whole number from 1 to 1e8, not ${blocks}`);
  if (!((options.rateScale ?? 1) > 0)) throw bad(`the rate scale must be above 0, not ${options.rateScale}`);
  for (const [name, value] of Object.entries({ maxBatchedTokens: options.maxBatchedTokens ?? 1, maxNumSeqs: options.maxNumSeqs ?? 1 })) {
    if (!Number.isInteger(value) || value < 1) throw bad(`${name} must be a whole number above 0, not ${value}`);
  }
}
