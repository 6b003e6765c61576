import { PlatformError } from '@maru/api/errors';

/** How long prompts or answers are. */
export interface LengthSpread {
  /** As it was written: `1024`, `uniform:128-2048`, `normal:1000:200`, `lognormal:1000:0.6`. */
  readonly text: string;
  /** A length in tokens, at least 1, drawn with `random` (from 0 inclusive to 1 exclusive). */
  draw(random: () => number): number;
}

const LONGEST = 10_000_000;

/**
 * Reads a spread of lengths: one number, `uniform:LEAST-MOST`, `normal:MEAN:DEVIATION` or `lognormal:MEDIAN:SIGMA`, in tokens.
 * Throws `usage` for anything else.
 */
export function parseLengths(text: string): LengthSpread {
  const [kind = '', rest = ''] = text.includes(':') ? [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] : ['fixed', text];
  const parts = rest.split(kind === 'uniform' ? '-' : ':').map((part) => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : Number.NaN));
  const [first = Number.NaN, second = Number.NaN] = parts;
  const known = { fixed: () => first, uniform: between(first, second), normal: bell(first, second), lognormal: skewed(first, second) }[kind];
  const count = kind === 'fixed' ? 1 : 2;
  if (
    known === undefined ||
    parts.length !== count ||
    parts.some((part) => !(part >= 0 && part <= LONGEST)) ||
    first < 1 ||
    (kind === 'uniform' && second < first)
  ) {
    throw new PlatformError('usage', {
      message: `"${text}" is not a length: want tokens such as 1024, uniform:128-2048, normal:1000:200 (mean, deviation) or lognormal:1000:0.6 (median, sigma)`,
    });
  }
  return { text, draw: (random) => Math.min(LONGEST, Math.max(1, Math.round(known(random)))) };
}

type Draw = (random: () => number) => number;

const between =
  (least: number, most: number): Draw =>
  (random) =>
    Math.floor(least + random() * (most - least + 1));
const bell =
  (mean: number, deviation: number): Draw =>
  (random) =>
    mean + deviation * gauss(random);
const skewed =
  (median: number, sigma: number): Draw =>
  (random) =>
    median * Math.exp(sigma * gauss(random));

/** Box and Muller: two even numbers become one of the normal distribution. */
const gauss: Draw = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
