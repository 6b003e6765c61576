import { PlatformError } from '@maru/api/errors';
import type { TwinProfile } from '../profile.ts';
import type { StepWork } from '../step-time.ts';
import { type MeasuredTime, type Measurements, type TimeError, timeErrors } from './measured-time.ts';
import { nonNegativeLeastSquares } from './non-negative-least-squares.ts';

/** The figures of a profile that a fit may change. */
export const TIMING_FIELDS = [
  'stepOverheadMs',
  'weightReadMs',
  'prefillTokensPerS',
  'attentionNsPerPair',
  'kvReadNsPerToken',
  'perSequenceMs',
  'requestOverheadMs',
] as const;
export type TimingField = (typeof TIMING_FIELDS)[number];

export interface Fit {
  readonly profile: TwinProfile;
  /** Figures that no measured time depends on; they stay as in the base profile. */
  readonly kept: readonly TimingField[];
  readonly errors: readonly TimeError[];
  /** The base profile against the same times. */
  readonly baseErrors: readonly TimeError[];
}

export interface FitOptions {
  readonly measurements: Measurements;
  /** Gives what the measurements do not tell. */
  readonly base: TwinProfile;
  readonly name: string;
  readonly title?: string | undefined;
}

/**
 * Pull towards the base profile: a figure twice that of the base weighs as much as 0.1 % of error at one measured time.
 * It decides what the times leave open, so that their noise does not.
 */
const PULL = 1e-3;
/** Size of a figure whose base is 0. */
const TYPICAL: Readonly<Record<TimingField, number>> = {
  stepOverheadMs: 1,
  weightReadMs: 1,
  prefillTokensPerS: 1000,
  attentionNsPerPair: 0.1,
  kvReadNsPerToken: 1,
  perSequenceMs: 0.001,
  requestOverheadMs: 1,
};

/**
 * Fits the figures of the step model to measured times: the least sum of squared relative errors with no figure below zero.
 * Reading weights and computing overlap, so a step is bound by one of them; each place of the border between is tried.
 * Throws `invalid_request` without measured times.
 */
export function fitProfile(options: FitOptions): Fit {
  const { measurements, base } = options;
  const { times } = measurements;
  if (times.length === 0) throw new PlatformError('invalid_request', { message: 'there is no measured time to fit a profile to' });
  const borders = [0, ...new Set(times.flatMap((time) => time.steps.map(tokensOf)))];
  const fits = borders.map((border) => withTiming(base, solveAt(times, base, border)));
  const cost = (profile: TwinProfile): number => squares(profile, times) + distance(profile, base);
  const timing = fits.reduce((best, next) => (cost(next) < cost(best) ? next : best));
  const columns = times.map((time) => [...columnsOf(time, 0), ...columnsOf(time, Number.POSITIVE_INFINITY)]);
  const kept = TIMING_FIELDS.filter((_, index) => columns.every((row) => row[index] === 0 && row[index + TIMING_FIELDS.length] === 0));
  const profile: TwinProfile = {
    ...timing,
    name: options.name,
    title: options.title ?? measurements.title,
    status: measurements.simulated ? 'simulated' : 'measured',
    source: `${capital(measurements.source)}; fitted to ${times.length} times by maru twin fit${kept.length === 0 ? '' : `; ${kept.join(', ')} of ${base.name}`}`,
    gpu: measurements.gpu === 'unknown' ? base.gpu : measurements.gpu,
    kvTokens: measurements.kvTokens ?? base.kvTokens,
  };
  return { profile, kept, errors: timeErrors(profile, times), baseErrors: timeErrors(base, times) };
}

/** A profile with some of its figures replaced. */
function withTiming(base: TwinProfile, figures: readonly number[]): TwinProfile {
  const rounded = figures.map((value) => Number(value.toPrecision(5)));
  return { ...base, ...(Object.fromEntries(TIMING_FIELDS.map((field, index) => [field, rounded[index] ?? 0])) as Record<TimingField, number>) };
}

/** A rate is fitted as the time of one token, so that every figure adds to the time of a step. */
const timeOf = (profile: TwinProfile, field: TimingField): number => (field === 'prefillTokensPerS' ? 1000 / profile[field] : profile[field]);
const scaleOf = (field: TimingField): number => (field === 'prefillTokensPerS' ? 1000 / TYPICAL[field] : TYPICAL[field]);

function solveAt(times: readonly MeasuredTime[], base: TwinProfile, border: number): readonly number[] {
  const start = TIMING_FIELDS.map((field) => timeOf(base, field));
  const scale = TIMING_FIELDS.map((field, index) => start[index] || scaleOf(field));
  // Compute is never free: the time of a token has a floor.
  const floor = TIMING_FIELDS.map((field, index) => (field === 'prefillTokensPerS' ? 0.01 * (start[index] ?? 0) : 0));
  const rows: number[][] = [];
  const values: number[] = [];
  for (const time of times) {
    const columns = columnsOf(time, border);
    rows.push(columns.map((column, index) => (column * (scale[index] ?? 1)) / time.measuredMs));
    values.push(1 - columns.reduce((sum, column, index) => sum + column * (floor[index] ?? 0), 0) / time.measuredMs);
  }
  TIMING_FIELDS.forEach((_, index) => {
    rows.push(TIMING_FIELDS.map((_field, other) => (other === index ? PULL : 0)));
    values.push((PULL * ((start[index] ?? 0) - (floor[index] ?? 0))) / (scale[index] ?? 1));
  });
  const found = nonNegativeLeastSquares(rows, values);
  return TIMING_FIELDS.map((field, index) => {
    const value = (found[index] ?? 0) * (scale[index] ?? 1) + (floor[index] ?? 0);
    return field === 'prefillTokensPerS' ? 1000 / value : value;
  });
}

/** How much of each figure is in a time, in the order of the fields, when steps of up to `border` tokens wait for the weights. */
function columnsOf(time: MeasuredTime, border: number): readonly number[] {
  const sum = (value: (work: StepWork) => number): number => time.steps.reduce((total, work) => total + value(work), 0);
  return [
    time.steps.length,
    sum((work) => (tokensOf(work) <= border ? 1 : 0)),
    sum((work) => (tokensOf(work) <= border ? 0 : tokensOf(work))),
    sum((work) => work.attentionPairs) / 1e6,
    sum((work) => work.decodeContext) / 1e6,
    sum((work) => work.decodeSequences),
    time.requests,
  ];
}

/** What the pull costs: how far a profile is from the base, in the measure of the fit. */
const distance = (profile: TwinProfile, base: TwinProfile): number =>
  TIMING_FIELDS.reduce((sum, field) => {
    const [found, start] = [timeOf(profile, field), timeOf(base, field)];
    return sum + ((PULL * (found - start)) / (start || scaleOf(field))) ** 2;
  }, 0);

const tokensOf = (work: StepWork): number => work.prefillTokens + work.decodeSequences;
const squares = (profile: TwinProfile, times: readonly MeasuredTime[]): number => timeErrors(profile, times).reduce((sum, { error }) => sum + error * error, 0);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
