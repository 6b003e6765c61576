import { readFile, writeFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import type { Command as Commander } from 'commander';
import {
  type Fit,
  fitProfile,
  type MeasuredTime,
  type Measurements,
  readMeasurements,
  TIMING_FIELDS,
  TWIN_PROFILES,
  type TwinProfile,
  twinProfile,
} from '#engines';
import type { CliContext, RegisterCommand } from '../command.ts';
import { type Column, formatListing, parseOutput } from '../output.ts';
import { addServe } from './twin-serve.ts';

interface FitFlags {
  readonly base: string;
  readonly name: string;
  readonly title?: string;
  readonly out?: string;
  readonly output: string;
}

export const registerTwin: RegisterCommand = (program, context) => {
  const twin = program.command('twin').description('simulated engines and their timing profiles');
  addFit(twin, context);
  addServe(twin, context);
  twin
    .command('profiles')
    .description('list the timing profiles and where they come from')
    .option('-o, --output <format>', 'table, json or yaml', 'table')
    .action((flags: { readonly output: string }) =>
      context.io.out(formatListing({ rows: TWIN_PROFILES.map(twinProfile), columns: PROFILES }, parseOutput(flags.output))),
    );
};

function addFit(twin: Commander, { io }: CliContext): void {
  twin
    .command('fit')
    .description('fit a timing profile to measured times')
    .argument('<file...>', 'files of "maru bench --out" or of bench/gpu/measure.py')
    .option('--base <name>', 'profile that gives what the times do not tell', 'h100-llama-3.1-8b')
    .option('--name <name>', 'name of the new profile', 'fitted')
    .option('--title <text>', 'title of the new profile')
    .option('--out <file>', 'write the profile as JSON into this file')
    .option('-o, --output <format>', 'table, json or yaml', 'table')
    .action(async (files: readonly string[], flags: FitFlags) => {
      const output = parseOutput(flags.output);
      const measurements = join(await Promise.all(files.map(readFileOf)));
      const fit = fitProfile({ measurements, base: twinProfile(flags.base), name: flags.name, title: flags.title });
      if (flags.out !== undefined) await writeFile(flags.out, `${JSON.stringify(fit.profile, null, 2)}\n`);
      const rows = fit.errors.map((entry, index): Row => ({ ...entry, baseError: fit.baseErrors[index]?.error ?? 0 }));
      const listing = formatListing({ rows, columns: ERRORS, data: { profile: fit.profile, kept: fit.kept, errors: rows.map(flat) } }, output);
      io.out(output === 'table' ? `${listing}\n${summary(fit)}\n\n${figures(fit, flags.base)}\n` : listing);
    });
}

async function readFileOf(path: string): Promise<Measurements> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `can not read ${path}: ${(cause as Error).message}`, cause });
  });
  return readMeasurements(text);
}

/** Several files of one machine are fitted together; the first one says what they are. */
function join(all: readonly Measurements[]): Measurements {
  const [first] = all;
  if (first === undefined) throw new PlatformError('usage', { message: 'name at least one file of measurements' });
  return {
    ...first,
    times: all.flatMap((measurements) => measurements.times),
    source: [...new Set(all.map((measurements) => measurements.source))].join('; '),
    simulated: all.some((measurements) => measurements.simulated),
  };
}

interface Row {
  readonly time: MeasuredTime;
  readonly twinMs: number;
  readonly error: number;
  readonly baseError: number;
}

const flat = ({ time, twinMs, error, baseError }: Row): object => ({
  series: time.series,
  name: time.name,
  measuredMs: time.measuredMs,
  twinMs,
  error,
  baseError,
});
const percent = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)}%`;
const milliseconds = (value: number): string => (value < 100 ? value.toFixed(3) : value.toFixed(1));

const ERRORS: readonly Column<Row>[] = [
  { title: 'series', value: ({ time }) => time.series },
  { title: 'what', value: ({ time }) => time.name },
  { title: 'measured ms', value: ({ time }) => milliseconds(time.measuredMs), align: 'right' },
  { title: 'fitted ms', value: ({ twinMs }) => milliseconds(twinMs), align: 'right' },
  { title: 'error', value: ({ error }) => percent(error), align: 'right' },
  { title: 'base error', value: ({ baseError }) => percent(baseError), align: 'right' },
];

function summary(fit: Fit): string {
  const mean = (errors: Fit['errors']): number => errors.reduce((sum, { error }) => sum + Math.abs(error), 0) / errors.length;
  const worst = Math.max(...fit.errors.map(({ error }) => Math.abs(error)));
  return `${fit.errors.length} times: mean error ${(mean(fit.errors) * 100).toFixed(1)}% (base ${(mean(fit.baseErrors) * 100).toFixed(1)}%), worst ${(worst * 100).toFixed(1)}%`;
}

function figures(fit: Fit, base: string): string {
  const lines = TIMING_FIELDS.map(
    (field) => `  ${field}: ${fit.profile[field]}${fit.kept.includes(field) ? `  # not told by these times: as in ${base}` : ''}`,
  );
  return [`${fit.profile.name} (${fit.profile.status}): ${fit.profile.source}`, ...lines, `  kvTokens: ${fit.profile.kvTokens}`].join('\n');
}

const PROFILES: readonly Column<TwinProfile>[] = [
  { title: 'name', value: (profile) => profile.name },
  { title: 'status', value: (profile) => profile.status },
  { title: 'gpus', value: (profile) => `${profile.gpusPerReplica} ${profile.gpu}`, align: 'right' },
  { title: 'prefill tokens/s', value: (profile) => profile.prefillTokensPerS, align: 'right' },
  { title: 'weights ms', value: (profile) => profile.weightReadMs, align: 'right' },
  { title: 'kv tokens', value: (profile) => profile.kvTokens, align: 'right' },
];
