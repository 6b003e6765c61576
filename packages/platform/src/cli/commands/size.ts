import { PlatformError } from '@maru/api/errors';
import { nanoToUsd } from '@maru/api/records';
import { durationSchema, durationToMs } from '@maru/api/resources';
import { CAPACITY_TYPES, type CapacityType, PRECISIONS, type Precision, type SizeOption, sizeModel } from '#fleet';
import type { RegisterCommand } from '../command.ts';
import { type Column, formatListing, parseOutput } from '../output.ts';

interface Flags {
  readonly input: string;
  readonly output: string;
  readonly rps: string;
  readonly ttft?: string;
  readonly itl?: string;
  readonly precision: string;
  readonly kvPrecision?: string;
  readonly context?: string;
  readonly capacity: string;
  readonly instance: readonly string[];
  readonly format: string;
}

export const registerSize: RegisterCommand = (program, { io }) => {
  program
    .command('size')
    .description('GPUs, instances and money for a model under a load')
    .argument('<model>', 'a model of the catalogue, for example llama-3.1-8b')
    .requiredOption('--input <tokens>', 'mean tokens of a prompt')
    .requiredOption('--output <tokens>', 'mean tokens of an answer')
    .requiredOption('--rps <number>', 'requests per second')
    .option('--ttft <duration>', 'longest time to the first token, for example 1s')
    .option('--itl <duration>', 'longest time between tokens, for example 50ms')
    .option('--precision <name>', PRECISIONS.join(', '), 'native')
    .option('--kv-precision <name>', 'bf16 or fp8')
    .option('--context <tokens>', 'longest sequence that must fit')
    .option('--capacity <type>', CAPACITY_TYPES.join(' or '), 'on-demand')
    .option('--instance <type...>', 'only these instance types')
    .option('--format <format>', 'table, json or yaml', 'table')
    .action((model: string, flags: Flags) => {
      const format = parseOutput(flags.format);
      const plan = sizeModel({
        model,
        inputTokens: number(flags.input, '--input'),
        outputTokens: number(flags.output, '--output'),
        rps: number(flags.rps, '--rps'),
        ttftMs: flags.ttft === undefined ? undefined : milliseconds(flags.ttft, '--ttft'),
        itlMs: flags.itl === undefined ? undefined : milliseconds(flags.itl, '--itl'),
        precision: oneOf(PRECISIONS, flags.precision, '--precision') as Precision,
        kvPrecision: flags.kvPrecision === undefined ? undefined : (oneOf(['bf16', 'fp8'], flags.kvPrecision, '--kv-precision') as 'bf16' | 'fp8'),
        contextWindow: flags.context === undefined ? undefined : number(flags.context, '--context'),
        capacityType: oneOf(CAPACITY_TYPES, flags.capacity, '--capacity') as CapacityType,
        instanceTypes: flags.instance,
      });
      if (format !== 'table') return io.out(formatListing({ rows: [plan], columns: [], data: plan }, format));
      const rows = [plan.choice, ...plan.alternatives];
      io.out(`${plan.reasoning.join('\n')}\n\n${formatListing({ rows, columns: COLUMNS }, 'table')}`);
    });
};

const usd = (nano: number): string => `$${nanoToUsd(nano).toFixed(2)}`;
const COLUMNS: readonly Column<SizeOption>[] = [
  { title: 'instance', value: (option) => option.instance },
  { title: 'gpu', value: (option) => option.gpu },
  { title: 'tp', value: (option) => option.tensorParallel, align: 'right' },
  { title: 'replicas', value: (option) => option.replicas, align: 'right' },
  { title: 'nodes', value: (option) => option.instances, align: 'right' },
  { title: 'gpus', value: (option) => option.gpusRented, align: 'right' },
  { title: 'ttft ms', value: (option) => Math.round(option.ttftMs), align: 'right' },
  { title: 'itl ms', value: (option) => option.itlMs.toFixed(1), align: 'right' },
  { title: '$/hour', value: (option) => usd(option.costNanoUsdPerHour), align: 'right' },
  { title: '$/month', value: (option) => usd(option.costNanoUsdPerMonth), align: 'right' },
  { title: '$/1M tokens', value: (option) => usd(option.costNanoUsdPerMillionTokens), align: 'right' },
];

function number(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new PlatformError('usage', { message: `${flag} must be a number above 0, not "${text}"` });
  return value;
}

function milliseconds(text: string, flag: string): number {
  if (!durationSchema.safeParse(text).success) throw new PlatformError('usage', { message: `${flag} must be a duration such as 500ms or 1s, not "${text}"` });
  return durationToMs(text);
}

function oneOf(allowed: readonly string[], text: string, flag: string): string {
  if (!allowed.includes(text)) throw new PlatformError('usage', { message: `${flag} must be one of ${allowed.join(', ')}, not "${text}"` });
  return text;
}
