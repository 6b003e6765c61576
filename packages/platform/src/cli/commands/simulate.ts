import { PlatformError } from '@maru/api/errors';
import { collect, type RegisterCommand } from '../command.ts';
import { parseOutput } from '../output.ts';
import type { SimulatedFleet } from '../ports.ts';
import { formatSimulation } from '../simulation/format-simulation.ts';

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
  readonly flow: string[];
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
    .requiredOption('--trace <file>', 'Mooncake JSONL or Azure CSV, or made:sessions, made:agents, made:rag, made:tenants')
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
    .option('--flow <settings>', 'flow control of the gateway: on, off, or as concurrency=64,maxWait=20s (repeat to compare)', collect, [])
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
          flows: flags.flow,
          scalings: flags.autoscale.length === 0 && flags.fault.length > 0 ? ['fixed'] : flags.autoscale,
          fleet: fleetOf(flags),
          jobs: optional(flags.jobs, '--jobs'),
          state: flags.state,
          html: flags.html,
          onProgress: io.interactive ? (done, all) => io.err(progressBar(done, all)) : undefined,
        },
        io.signal,
      );
      io.out(formatSimulation(rows, { timing: flags.timing, output }));
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

const MAX_SEEDS = 1000;
const BAR_WIDTH = 30;

/** Replaces itself on a terminal; the last one ends the line. */
function progressBar(done: number, all: number): string {
  const filled = all === 0 ? BAR_WIDTH : Math.round((done / all) * BAR_WIDTH);
  return `\r${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)} ${done} of ${all} simulations${done >= all ? '\n' : ''}`;
}
