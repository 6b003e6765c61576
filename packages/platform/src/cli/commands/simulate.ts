import { PlatformError } from '@maru/api/errors';
import { collect, type RegisterCommand } from '../command.ts';
import { type Column, formatListing, parseOutput } from '../output.ts';
import type { SimulatedFleet, SimulateRow } from '../ports.ts';

interface Flags {
  readonly trace: string;
  readonly replicas: string[];
  readonly policy: string[];
  readonly profile: string;
  readonly timing: boolean;
  readonly kvBlocks: string[];
  readonly seed: string;
  readonly seeds: string;
  readonly limit?: string;
  readonly speed: string[];
  readonly maxWaiting?: string;
  readonly autoscale: string[];
  readonly least: string;
  readonly most: string;
  readonly coldStart: string;
  readonly spot: string;
  readonly fault: string[];
  readonly jobs?: string;
  readonly state?: string;
  readonly html?: string;
  readonly gpuHourUsd: string;
  readonly ttft: string;
  readonly itl: string;
  readonly output: string;
}

export const registerSimulate: RegisterCommand = (program, { io, ports }) => {
  program
    .command('simulate')
    .description('replay a request trace on simulated replicas')
    .requiredOption('--trace <file>', 'Mooncake JSONL or Azure CSV, or made:sessions, made:agents, made:rag')
    .option('--replicas <number>', 'replicas of the engine (repeat to compare fleets; default: 8)', collect, [])
    .option('--policy <name>', 'policy (repeat to compare; default: all)', collect, [])
    .option('--profile <name>', 'timing profile of the engine: a name, or a .json file of maru twin fit', 'h100-llama-3.1-8b')
    .option('--no-timing', 'only cache hits and balance, no clock')
    .option('--kv-blocks <number>', 'KV blocks per replica (repeat to compare; default: of the profile; 600, 2000, 5859 without timing)', collect, [])
    .option('--seed <number>', 'first seed of chance', '1')
    .option('--seeds <number>', 'so many seeds, for confidence intervals', '1')
    .option('--limit <number>', 'only the first requests')
    .option('--speed <factor>', 'plays the arrivals faster (2) or slower (0.5; repeat to compare loads)', collect, [])
    .option('--max-waiting <number>', 'admission: refuse a request when more wait per replica')
    .option('--autoscale <name>', 'let the fleet change (repeat to compare): fixed, hpa-queue, keda, wva, dynamo-planner[:PREDICTOR][:LOOP]', collect, [])
    .option('--least <number>', 'fewest replicas of a fleet that changes', '1')
    .option('--most <number>', 'most replicas of it', '16')
    .option('--cold-start <seconds>', 'until a node has joined, has the image, and a replica its weights', '120,180,60')
    .option('--spot <number>', 'interruptions of a node per hour', '0')
    .option('--fault <text>', 'what befalls a replica, as 5m:crash:0 or 5m:hang:0:30s (repeat)', collect, [])
    .option('--gpu-hour-usd <usd>', 'price of one GPU for an hour', '4')
    .option('--ttft <ms>', 'time to first token that counts as good', '2000')
    .option('--itl <ms>', 'time between tokens that counts as good', '50')
    .option('--jobs <number>', 'simulations at a time (default: one per core)')
    .option('--state <file>', 'keep results in a file, and go on with it after a stop')
    .option('--html <file>', 'write a report with plots')
    .option('-o, --output <format>', 'table, json or yaml', 'table')
    .action(async (flags: Flags) => {
      const output = parseOutput(flags.output);
      const number = (text: string, name: string): number => {
        const value = Number(text);
        if (!Number.isFinite(value) || value <= 0) throw new PlatformError('usage', { message: `${name} must be a number above 0, not "${text}"` });
        return value;
      };
      const list = (texts: readonly string[], name: string, fallback: number): readonly number[] =>
        texts.length === 0 ? [fallback] : texts.map((text) => number(text, name));
      const optional = (text: string | undefined, name: string): number | undefined => (text === undefined ? undefined : number(text, name));
      const seed = number(flags.seed, '--seed');
      const rows = await ports.simulate(
        {
          trace: flags.trace,
          replicas: list(flags.replicas, '--replicas', 8),
          policies: flags.policy,
          profile: flags.profile,
          timing: flags.timing,
          kvBlocks: flags.kvBlocks.map((blocks) => number(blocks, '--kv-blocks')),
          seeds: Array.from({ length: Math.min(MAX_SEEDS, number(flags.seeds, '--seeds')) }, (_, index) => seed + index),
          limit: optional(flags.limit, '--limit'),
          speeds: list(flags.speed, '--speed', 1),
          gpuHourUsd: number(flags.gpuHourUsd, '--gpu-hour-usd'),
          ttftMs: number(flags.ttft, '--ttft'),
          itlMs: number(flags.itl, '--itl'),
          maxWaiting: optional(flags.maxWaiting, '--max-waiting'),
          scalings: flags.autoscale.length === 0 && flags.fault.length > 0 ? ['fixed'] : flags.autoscale,
          fleet: fleetOf(flags),
          jobs: optional(flags.jobs, '--jobs'),
          state: flags.state,
          html: flags.html,
          onProgress: io.interactive ? (done, all) => io.err(progressBar(done, all)) : undefined,
        },
        io.signal,
      );
      io.out(formatListing({ rows, columns: columnsOf(flags, rows) }, output));
    });
};

function fleetOf({ least, most, coldStart, spot, fault }: Flags): SimulatedFleet {
  const amount = (text: string | undefined, name: string): number => {
    const value = Number(text);
    if (text === undefined || text.trim() === '' || !(value >= 0) || !Number.isFinite(value))
      throw new PlatformError('usage', { message: `${name} must be 0 or more, not "${text ?? ''}"` });
    return value;
  };
  const parts = coldStart.split(',');
  if (parts.length !== 3) throw new PlatformError('usage', { message: `--cold-start wants three numbers of seconds, as 120,180,60, not "${coldStart}"` });
  const [nodeMs = 0, imageMs = 0, weightsMs = 0] = parts.map((part) => amount(part, '--cold-start') * 1000);
  return {
    least: amount(least, '--least'),
    most: amount(most, '--most'),
    coldStart: { nodeMs, imageMs, weightsMs },
    spotPerHour: amount(spot, '--spot'),
    faults: fault,
  };
}

function columnsOf(flags: Flags, rows: readonly SimulateRow[]): readonly Column<SimulateRow>[] {
  if (!flags.timing) return UNTIMED;
  return rows.some((row) => row.scaling !== undefined) ? [...TIMED, ...FLEET] : TIMED;
}

const MAX_SEEDS = 1000;
const BAR_WIDTH = 30;

/** Replaces itself on a terminal; the last one ends the line. */
function progressBar(done: number, all: number): string {
  const filled = all === 0 ? BAR_WIDTH : Math.round((done / all) * BAR_WIDTH);
  return `\r${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)} ${done} of ${all} simulations${done >= all ? '\n' : ''}`;
}

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)}%`);
const fixed = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
const POLICY: readonly Column<SimulateRow>[] = [
  { title: 'replicas', value: (row) => row.replicas, align: 'right' },
  { title: 'kv blocks', value: (row) => row.kvBlocks, align: 'right' },
  { title: 'policy', value: (row) => (row.collapsed ? `${row.policy} (collapsed)` : row.policy) },
  { title: 'requests', value: (row) => row.requests, align: 'right' },
];
const UNTIMED: readonly Column<SimulateRow>[] = [
  ...POLICY,
  { title: 'hit rate', value: (row) => row.hitRate.toFixed(3), align: 'right' },
  { title: 'imbalance', value: (row) => fixed(row.imbalance, 2), align: 'right' },
];
const TIMED: readonly Column<SimulateRow>[] = [
  ...POLICY,
  { title: 'offered/s', value: (row) => fixed(row.offeredPerSecond, 2), align: 'right' },
  { title: 'refused', value: (row) => percent(row.refused), align: 'right' },
  { title: 'hit rate', value: (row) => percent(row.hitRate), align: 'right' },
  { title: 'imbalance', value: (row) => fixed(row.imbalance, 2), align: 'right' },
  { title: 'ttft mean ms', value: (row) => fixed(row.ttftMeanMs, 0), align: 'right' },
  { title: 'ttft p95 ms', value: (row) => fixed(row.ttftP95Ms, 0), align: 'right' },
  { title: 'itl ms', value: (row) => fixed(row.itlMeanMs, 1), align: 'right' },
  { title: 'goodput', value: (row) => percent(row.goodput), align: 'right' },
  { title: 'tokens/s', value: (row) => fixed(row.tokensPerSecond, 0), align: 'right' },
  { title: '$/1M tokens', value: (row) => fixed(row.usdPerMillionTokens, 3), align: 'right' },
];
const FLEET: readonly Column<SimulateRow>[] = [
  { title: 'scaling', value: (row) => row.scaling },
  { title: 'gpu hours', value: (row) => fixed(row.gpuHours ?? null, 2), align: 'right' },
  { title: 'ups', value: (row) => row.scaleUps, align: 'right' },
  { title: 'downs', value: (row) => row.scaleDowns, align: 'right' },
  { title: 'begun anew', value: (row) => row.retried, align: 'right' },
];
