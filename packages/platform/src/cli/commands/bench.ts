import { writeFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import type { LoadReport } from '@maru/api/records';
import { readVariable } from '#config';
import type { RegisterCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import type { CliIo } from '../io.ts';
import { genaiPerfReport } from '../load-report/genai-perf.ts';
import { loadTable } from '../load-report/table.ts';
import { vllmReport } from '../load-report/vllm.ts';
import { formatListing, parseOutput } from '../output.ts';
import type { BenchOptions, BenchProgress } from '../ports.ts';

interface Flags {
  readonly model?: string;
  readonly operation: string;
  readonly concurrency?: string;
  readonly rate?: string;
  readonly trace?: string;
  readonly arrivals: string;
  readonly speed: string;
  readonly limit?: string;
  readonly maxConcurrency?: string;
  readonly requests?: string;
  readonly duration?: string;
  readonly input: string;
  readonly output: string;
  readonly sharedPrefix: string;
  readonly warmUp: string;
  readonly ttft?: string;
  readonly tpot?: string;
  readonly e2e?: string;
  readonly seed: string;
  readonly stream: boolean;
  readonly ignoreEos: boolean;
  readonly timeout: string;
  readonly keyEnv: string;
  readonly out?: string;
  readonly format: string;
}

export const registerBench: RegisterCommand = (program, { io, ports, exit }) => {
  program
    .command('bench')
    .description('measure an OpenAI-compatible server under load')
    .argument('<endpoint>', 'address of the server, for example http://localhost:8000')
    .option('--model <name>', 'model to ask (default: the first that the server lists)')
    .option('--operation <name>', 'chat or completions', 'chat')
    .option('--concurrency <numbers>', 'requests in flight, one stage each (default: 1,4,16)')
    .option('--rate <numbers>', 'arrivals per second, one stage each')
    .option('--trace <file>', 'replay arrivals, lengths and shared blocks: Mooncake JSONL or Azure CSV')
    .option('--arrivals <kind>', 'of --rate: poisson or constant', 'poisson')
    .option('--speed <factor>', 'of --trace: plays it faster (2) or slower (0.5)', '1')
    .option('--limit <number>', 'of --trace: only the first requests')
    .option('--max-concurrency <number>', 'of --rate and --trace: most requests in flight')
    .option('--requests <number>', 'requests of a stage (default: 10 per concurrency, or 30 s of the rate; at least 20)')
    .option('--duration <seconds>', 'no request of a stage leaves after this time')
    .option('--input <tokens>', 'prompts: 1024, uniform:128-2048, normal:1000:200, lognormal:1000:0.6', '1024')
    .option('--output <tokens>', 'answers, in the same way', '128')
    .option('--shared-prefix <tokens>', 'beginning that all prompts have in common', '0')
    .option('--warm-up <number>', 'requests that are not counted', '4')
    .option('--ttft <ms>', 'SLO: time to the first token')
    .option('--tpot <ms>', 'SLO: mean time per token after the first')
    .option('--e2e <ms>', 'SLO: end-to-end time')
    .option('--seed <number>', 'seed of arrivals, lengths and texts', '1')
    .option('--no-stream', 'ask for answers in one piece (no TTFT then)')
    .option('--no-ignore-eos', 'let answers end by themselves')
    .option('--timeout <seconds>', 'longest time of one request', '600')
    .option('--key-env <name>', 'environment variable that holds the key', 'OPENAI_API_KEY')
    .option('--out <file>', 'write the report as JSON, as "maru twin fit" reads it')
    .option('-o, --format <format>', 'table, vllm, genai-perf, json or yaml', 'table')
    .action(async (endpoint: string, flags: Flags) => {
      const format = formatOf(flags.format);
      const options = toOptions(endpoint, flags);
      const report = await ports.bench(options, { signal: io.signal, onProgress: io.interactive ? showProgress(io) : undefined });
      if (io.interactive) io.err(CLEAR_LINE);
      if (flags.out !== undefined) await writeFile(flags.out, `${JSON.stringify(report, null, 1)}\n`);
      io.out(format(report));
      if (io.signal.aborted) exit(EXIT.interrupted);
      else if (report.stages.some((stage) => stage.requests.completed === 0)) exit(EXIT.failed);
    });
};

const CLEAR_LINE = '\r\u001b[2K';

const showProgress =
  (io: CliIo) =>
  ({ stage, number, stages, done, planned, failed, inFlight }: BenchProgress): void =>
    io.err(
      `${CLEAR_LINE}${number}/${stages} ${stage}: ${done}${planned === null ? '' : ` of ${planned}`} done, ${inFlight} in flight${failed > 0 ? `, ${failed} failed` : ''}`,
    );

function formatOf(text: string): (report: LoadReport) => string {
  if (text === 'table') return loadTable;
  if (text === 'vllm') return vllmReport;
  if (text === 'genai-perf') return genaiPerfReport;
  if (text !== 'json' && text !== 'yaml')
    throw new PlatformError('usage', { message: `--format must be table, vllm, genai-perf, json or yaml, not "${text}"` });
  return (report) => formatListing({ rows: [], columns: [], data: report }, parseOutput(text));
}

function toOptions(endpoint: string, flags: Flags): BenchOptions {
  const modes = [flags.concurrency, flags.rate, flags.trace].filter((value) => value !== undefined);
  if (modes.length > 1) throw new PlatformError('usage', { message: 'choose one of --concurrency, --rate and --trace' });
  const optional = (text: string | undefined, flag: string): number | undefined => (text === undefined ? undefined : positive(text, flag));
  const whole = (text: string | undefined, flag: string): number | undefined => (text === undefined ? undefined : count(text, flag, 1));
  return {
    endpoint,
    model: flags.model,
    operation: oneOf(['chat', 'completions'], flags.operation, '--operation'),
    load: {
      concurrency:
        flags.rate === undefined && flags.trace === undefined ? (flags.concurrency ?? '1,4,16').split(',').map((text) => count(text, '--concurrency', 1)) : [],
      ratesPerS: (flags.rate?.split(',') ?? []).map((text) => positive(text, '--rate')),
      trace: flags.trace,
      arrivals: oneOf(['poisson', 'constant'], flags.arrivals, '--arrivals'),
      speed: positive(flags.speed, '--speed'),
      limit: whole(flags.limit, '--limit'),
      maxConcurrency: whole(flags.maxConcurrency, '--max-concurrency'),
      requests: whole(flags.requests, '--requests'),
      durationMs: flags.duration === undefined ? undefined : positive(flags.duration, '--duration') * 1000,
    },
    input: flags.input,
    output: flags.output,
    sharedPrefixTokens: count(flags.sharedPrefix, '--shared-prefix', 0),
    warmUpRequests: count(flags.warmUp, '--warm-up', 0),
    slo: {
      ttftMs: optional(flags.ttft, '--ttft') ?? null,
      tpotMs: optional(flags.tpot, '--tpot') ?? null,
      e2eMs: optional(flags.e2e, '--e2e') ?? null,
    },
    seed: count(flags.seed, '--seed', 0),
    streaming: flags.stream,
    ignoreEos: flags.ignoreEos,
    timeoutMs: positive(flags.timeout, '--timeout') * 1000,
    key: readVariable(flags.keyEnv),
  };
}

const MOST = 1_000_000_000;

function positive(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= MOST)) throw new PlatformError('usage', { message: `${flag} must be a number above 0, not "${text}"` });
  return value;
}

function count(text: string, flag: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > MOST)
    throw new PlatformError('usage', { message: `${flag} must be a whole number of at least ${least}, not "${text}"` });
  return value;
}

function oneOf<Value extends string>(allowed: readonly Value[], text: string, flag: string): Value {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new PlatformError('usage', { message: `${flag} must be one of ${allowed.join(', ')}, not "${text}"` });
  return found;
}
