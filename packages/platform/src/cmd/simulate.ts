import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { ROUTER_POLICIES } from '@maru/api/resources';
import type { SimulateOptions, SimulateRow } from '#cli';
import { parseTwinProfile, type TwinProfile, twinProfile } from '#engines';
import {
  BLOCK_POLICIES,
  DEFAULT_FLEET,
  type FleetOptions,
  parseFault,
  readTrace,
  renderReport,
  runSweep,
  type SweepRow,
  simulateTrace,
  sweepRows,
} from '#simulate';

/** Sizes of the published comparison of policies without a model of time. */
const BLOCK_SIZES = [600, 2000, 5859];

/** Fits the simulator to the command line. */
export async function simulate(options: SimulateOptions, signal: AbortSignal): Promise<readonly SimulateRow[]> {
  if (!options.timing) return await blockRows(options);
  const profile = options.profile.endsWith('.json') ? parseTwinProfile(await readProfile(options.profile), options.profile) : twinProfile(options.profile);
  const policies = options.policies.length > 0 ? options.policies : ROUTER_POLICIES;
  const results = await runSweep(
    {
      tracePath: options.trace,
      limit: options.limit,
      policies,
      rateScales: options.speeds,
      replicas: options.replicas,
      kvBlocks: options.kvBlocks,
      seeds: options.seeds,
      profile,
      slo: { ttftMs: options.ttftMs, itlMs: options.itlMs },
      gpuUsdPerHour: options.gpuHourUsd,
      maxWaiting: options.maxWaiting,
      flows: options.flows,
      scalings: options.scalings,
      fleet: fleetOf(options),
    },
    { threads: options.jobs ?? availableParallelism(), signal, statePath: options.state, onProgress: options.onProgress },
  );
  const rows = sweepRows(results);
  if (options.html !== undefined)
    await writeFile(options.html, renderReport(rows, { title: 'Simulation of routing policies', facts: factsOf(options, profile, rows) }));
  return rows.map((row) => ({
    policy: row.policy,
    replicas: row.replicas,
    kvBlocks: row.sample.kvBlocks,
    requests: row.sample.completed,
    offeredPerSecond: row.values.offeredPerS?.mean ?? null,
    refused: row.values.refusedShare?.mean ?? null,
    collapsed: row.collapsed,
    hitRate: row.values.hitRate?.mean ?? 0,
    imbalance: row.values.imbalance?.mean ?? null,
    ttftMeanMs: row.values.ttftMeanMs?.mean ?? null,
    ttftP95Ms: row.values.ttftP95Ms?.mean ?? null,
    itlMeanMs: row.values.itlMeanMs?.mean ?? null,
    goodput: row.values.withinSlo?.mean ?? null,
    tokensPerSecond: row.values.outputTokensPerS?.mean ?? null,
    usdPerMillionTokens: row.values.usdPerMillionTokens?.mean ?? null,
    ...fleetFigures(row),
    ...flowFigures(row),
    ...tenantFigures(row),
  }));
}

function fleetOf({ fleet }: SimulateOptions): Omit<FleetOptions, 'scaling'> {
  const { scaling: _fixed, ...rest } = DEFAULT_FLEET;
  if (fleet === undefined) return rest;
  const { least, most, coldStart, spotPerHour, faults } = fleet;
  return {
    ...rest,
    least,
    most,
    coldStart,
    faults: faults.map(parseFault),
    ...(spotPerHour === 0 ? {} : { spot: { interruptionsPerNodeHour: spotPerHour, noticeMs: SPOT_NOTICE_MS } }),
  };
}

/** Two minutes, as EC2 gives. */
const SPOT_NOTICE_MS = 120_000;

function fleetFigures({ scaling, sample, values }: SweepRow): Partial<SimulateRow> {
  if (scaling === undefined || sample.fleet === undefined) return {};
  const { scaleUps, scaleDowns, retried, gpuHours } = sample.fleet;
  return { scaling, scaleUps, scaleDowns, retried, gpuHours: values.gpuHours?.mean ?? gpuHours };
}

function flowFigures({ flow, sample, values }: SweepRow): Partial<SimulateRow> {
  if (flow === undefined) return {};
  return {
    flow,
    waited: values.waitedShare?.mean ?? null,
    waitMeanMs: values.waitMeanMs?.mean ?? null,
    waitP95Ms: values.waitP95Ms?.mean ?? null,
    shed: sample.flow?.shed ?? {},
  };
}

function tenantFigures({ sample, values }: SweepRow): Partial<SimulateRow> {
  if (sample.tenants === undefined) return {};
  return {
    ...(values.fairness === undefined ? {} : { fairness: values.fairness.mean }),
    tenants: sample.tenants.each.map(({ tenant, priority, requests, refused, withinSlo, ttftMs, waitMs }) => ({
      tenant,
      priority,
      requests,
      refused: refused / requests,
      goodput: withinSlo,
      ttftP95Ms: ttftMs.p95,
      waitMeanMs: waitMs,
    })),
  };
}

const UNTIMED = {
  offeredPerSecond: null,
  refused: null,
  collapsed: false,
  ttftMeanMs: null,
  ttftP95Ms: null,
  itlMeanMs: null,
  goodput: null,
  tokensPerSecond: null,
  usdPerMillionTokens: null,
};

async function blockRows(options: SimulateOptions): Promise<readonly SimulateRow[]> {
  const whole = await readTrace(options.trace);
  const trace = options.limit === undefined ? whole : { ...whole, requests: whole.requests.slice(0, options.limit) };
  return options.replicas.flatMap((replicas) => {
    const found = simulateTrace({
      trace,
      replicas,
      policies: options.policies.length > 0 ? options.policies : Object.values(BLOCK_POLICIES),
      noTiming: true,
      kvBlocks: options.kvBlocks.length > 0 ? options.kvBlocks : BLOCK_SIZES,
      seed: options.seeds[0],
    });
    return found.blocks.flatMap(({ capacity, cells, pooledHitRate, requests }) => {
      const facts = { ...UNTIMED, replicas, kvBlocks: capacity, requests };
      return [
        ...cells.map((cell, index) => ({ ...facts, policy: found.policies[index] ?? '', hitRate: cell.hitRate, imbalance: cell.imbalance })),
        { ...facts, policy: 'one pooled cache (bound)', hitRate: pooledHitRate, imbalance: null },
      ];
    });
  });
}

const factsOf = (options: SimulateOptions, profile: TwinProfile, rows: readonly SweepRow[]): readonly string[] => [
  `${basename(options.trace)}${options.limit === undefined ? '' : `, its first ${options.limit} requests`}: ${rows[0]?.sample.requests ?? 0} requests; a speed of 1 is the trace's own`,
  `Simulated, not measured: ${profile.title}. Timing ${profile.status}: ${profile.source}`,
  `Goodput counts requests whose first token comes within ${options.ttftMs} ms and whose tokens then come within ${options.itlMs} ms each; refused requests are not good`,
  `$${options.gpuHourUsd} per GPU and hour. ${options.maxWaiting === undefined ? 'Nothing is turned away by admission' : `A request is turned away when more than ${options.maxWaiting} wait per replica`}; what can never fit into a replica is refused`,
  ...((options.flows ?? []).some((flow) => flow !== 'off')
    ? [
        'Flow control: while all replicas are full, requests wait in the gateway, those of higher priority first and tenants in turn; shed requests are not good',
      ]
    : []),
  options.seeds.length === 1
    ? 'One seed'
    : `${options.seeds.length} seeds; ± is half the 95 % confidence interval. Seeds vary the chance of a policy; the trace is the same`,
  'Collapsed, and hollow in the plots: requests waited longer for their turn than they were worked on. Such a figure tells how long the trace was, and is no baseline',
];

const readProfile = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `can not read the timing profile ${path}: ${(cause as Error).message}`, cause });
  });
