import { PlatformError } from '@maru/api/errors';
import { collect, type RegisterCommand } from '../command.ts';
import { type Column, formatListing, parseOutput } from '../output.ts';
import type { SimulateRow } from '../ports.ts';

interface Flags {
  readonly trace: string;
  readonly replicas: string;
  readonly policy: string[];
  readonly profile: string;
  readonly timing: boolean;
  readonly kvBlocks: string[];
  readonly seed: string;
  readonly limit?: string;
  readonly speed: string;
  readonly gpuHourUsd: string;
  readonly ttft: string;
  readonly itl: string;
  readonly output: string;
}

export const registerSimulate: RegisterCommand = (program, { io, ports }) => {
  program
    .command('simulate')
    .description('replay a request trace on simulated replicas')
    .requiredOption('--trace <file>', 'Mooncake JSONL or Azure CSV')
    .option('--replicas <number>', 'replicas of the engine', '8')
    .option('--policy <name>', 'policy (repeat to compare; default: all)', collect, [])
    .option('--profile <name>', 'timing profile of the engine: a name, or a .json file of maru twin fit', 'h100-llama-3.1-8b')
    .option('--no-timing', 'only cache hits and balance, no clock')
    .option('--kv-blocks <number>', 'KV blocks per replica (repeat to compare; default: of the profile; 600, 2000, 5859 without timing)', collect, [])
    .option('--seed <number>', 'seed of chance', '1')
    .option('--limit <number>', 'only the first requests')
    .option('--speed <factor>', 'plays the arrivals faster (2) or slower (0.5)', '1')
    .option('--gpu-hour-usd <usd>', 'price of one replica for an hour', '4')
    .option('--ttft <ms>', 'time to first token that counts as good', '2000')
    .option('--itl <ms>', 'time between tokens that counts as good', '50')
    .option('-o, --output <format>', 'table, json or yaml', 'table')
    .action(async (flags: Flags) => {
      const output = parseOutput(flags.output);
      const number = (text: string, name: string): number => {
        const value = Number(text);
        if (!Number.isFinite(value) || value <= 0) throw new PlatformError('usage', { message: `${name} must be a number above 0, not "${text}"` });
        return value;
      };
      if (io.interactive) io.err('simulating ...\n');
      const rows = await ports.simulate(
        {
          trace: flags.trace,
          replicas: number(flags.replicas, '--replicas'),
          policies: flags.policy,
          profile: flags.profile,
          timing: flags.timing,
          kvBlocks: flags.kvBlocks.map((blocks) => number(blocks, '--kv-blocks')),
          seed: number(flags.seed, '--seed'),
          limit: flags.limit === undefined ? undefined : number(flags.limit, '--limit'),
          speed: number(flags.speed, '--speed'),
          gpuHourUsd: number(flags.gpuHourUsd, '--gpu-hour-usd'),
          ttftMs: number(flags.ttft, '--ttft'),
          itlMs: number(flags.itl, '--itl'),
        },
        io.signal,
      );
      io.out(formatListing({ rows, columns: flags.timing ? TIMED : UNTIMED }, output));
    });
};

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)}%`);
const fixed = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
const POLICY: readonly Column<SimulateRow>[] = [
  { title: 'kv blocks', value: (row) => row.kvBlocks, align: 'right' },
  { title: 'policy', value: (row) => row.policy },
  { title: 'requests', value: (row) => row.requests, align: 'right' },
];
const UNTIMED: readonly Column<SimulateRow>[] = [
  ...POLICY,
  { title: 'hit rate', value: (row) => row.hitRate.toFixed(3), align: 'right' },
  { title: 'imbalance', value: (row) => fixed(row.imbalance, 2), align: 'right' },
];
const TIMED: readonly Column<SimulateRow>[] = [
  ...POLICY,
  { title: 'hit rate', value: (row) => percent(row.hitRate), align: 'right' },
  { title: 'imbalance', value: (row) => fixed(row.imbalance, 2), align: 'right' },
  { title: 'ttft mean ms', value: (row) => fixed(row.ttftMeanMs, 0), align: 'right' },
  { title: 'ttft p95 ms', value: (row) => fixed(row.ttftP95Ms, 0), align: 'right' },
  { title: 'itl ms', value: (row) => fixed(row.itlMeanMs, 1), align: 'right' },
  { title: 'goodput', value: (row) => percent(row.goodput), align: 'right' },
  { title: 'tokens/s', value: (row) => fixed(row.tokensPerSecond, 0), align: 'right' },
  { title: '$/1M tokens', value: (row) => fixed(row.usdPerMillionTokens, 3), align: 'right' },
];
