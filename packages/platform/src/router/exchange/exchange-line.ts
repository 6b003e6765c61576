import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { LESSON_FEATURES, type Lesson, type LessonKind } from '../state/lesson.ts';
import { type EndpointShare, NOTHING_ELSEWHERE, SHARE_FIELDS } from './elsewhere.ts';
import type { EndpointLesson } from './lesson-journal.ts';
import type { SentPrefix } from './prefix-journal.ts';

/** Routers that speak another version do not understand each other, and say so. */
const VERSION = 2;
/** A longer line is refused by whoever reads it. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;
const MAX_ENDPOINTS = 4096;

/** What one router tells the others at one moment. */
export interface ExchangeNews {
  /** Of the router, new at each of its starts. */
  readonly from: string;
  /** Grows with each line. */
  readonly number: number;
  /** Part of everything, for who has just come. */
  readonly whole: boolean;
  /** All that it has in flight. */
  readonly loads: ReadonlyMap<string, EndpointShare>;
  /** What it has sent since its last line. */
  readonly prefixes: readonly SentPrefix[];
  /** What it has learned since its last line. */
  readonly lessons: readonly EndpointLesson[];
}

const name = z.string().min(1).max(512);
const figure = z.number().nonnegative().max(1e15);
const KINDS = Object.keys(LESSON_FEATURES) as [LessonKind, ...LessonKind[]];
const lineSchema = z.strictObject({
  v: z.number().int(),
  from: z.string().min(1).max(128),
  n: z.number().int().nonnegative(),
  whole: z.boolean().optional(),
  loads: z.array(z.tuple([name], figure)).max(MAX_ENDPOINTS),
  prefixes: z.array(z.tuple([name, z.base64()])).max(65_536),
  lessons: z.array(z.tuple([name, z.enum(KINDS)], figure)).max(65_536),
});

/** One line of JSON without its end; block hashes are 64-bit floats, little end first, in base64. */
export function formatLine({ from, number, whole, loads, prefixes, lessons }: ExchangeNews): string {
  return JSON.stringify({
    v: VERSION,
    from,
    n: number,
    ...(whole ? { whole } : {}),
    loads: [...loads].map(([endpoint, share]) => [endpoint, ...SHARE_FIELDS.map((field) => round(share[field]))]),
    prefixes: prefixes.map(({ endpoint, hashes }) => [endpoint, packHashes(hashes)]),
    lessons: lessons.map(({ endpoint, lesson }) => [endpoint, lesson.kind, lesson.value, ...lesson.features].map(shortened)),
  });
}

/** Reads a line; throws `invalid_request` for one that is none, and `not_supported` for one of another version. */
export function parseLine(line: string): ExchangeNews {
  if (line.length > MAX_LINE_BYTES) throw refused(`has ${line.length} characters; ${MAX_LINE_BYTES} are allowed`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw refused('is not valid JSON', cause);
  }
  const version = (value as { readonly v?: unknown } | null)?.v;
  if (typeof version === 'number' && version !== VERSION)
    throw new PlatformError('not_supported', {
      message: `a router speaks version ${version} of the exchange, this one ${VERSION}; run the same version of Maru everywhere`,
      details: { version },
    });
  const read = lineSchema.safeParse(value);
  if (!read.success) throw refused(`does not fit: ${z.prettifyError(read.error).slice(0, 500)}`);
  const { from, n, whole, loads, prefixes, lessons } = read.data;
  return {
    from,
    number: n,
    whole: whole ?? false,
    loads: new Map(loads.map(([endpoint, ...numbers]) => [endpoint, toShare(numbers)])),
    prefixes: prefixes.map(([endpoint, packed]) => ({ endpoint, hashes: unpackHashes(packed) })),
    lessons: lessons.map(([endpoint, kind, value = 0, ...features]) => ({ endpoint, lesson: toLesson(kind, value, features) })),
  };
}

const toShare = (numbers: readonly number[]): EndpointShare =>
  Object.assign({ ...NOTHING_ELSEWHERE }, Object.fromEntries(SHARE_FIELDS.map((field, index) => [field, numbers[index] ?? 0])));

function toLesson(kind: LessonKind, value: number, features: readonly number[]): Lesson {
  if (features.length !== LESSON_FEATURES[kind]) throw refused(`has a lesson of kind ${kind} with ${features.length} features`);
  return { kind, value, features };
}

/** Six digits tell more than was measured. */
const shortened = (value: string | number): string | number => (typeof value === 'number' ? Number(Math.max(0, value).toPrecision(6)) : value);

const round = (value: number): number => Math.round(Math.max(0, value) * 1000) / 1000;

function packHashes(hashes: ArrayLike<number>): string {
  const bytes = Buffer.alloc(hashes.length * 8);
  for (let index = 0; index < hashes.length; index += 1) bytes.writeDoubleLE(hashes[index] ?? 0, index * 8);
  return bytes.toString('base64');
}

function unpackHashes(packed: string): Float64Array {
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length % 8 !== 0) throw refused('has block hashes that are cut');
  const hashes = new Float64Array(bytes.length / 8);
  for (let index = 0; index < hashes.length; index += 1) {
    const hash = bytes.readDoubleLE(index * 8);
    if (!(Number.isSafeInteger(hash) && hash >= 0)) throw refused('has a block hash that is none');
    hashes[index] = hash;
  }
  return hashes;
}

const refused = (problem: string, cause?: unknown): PlatformError =>
  new PlatformError('invalid_request', { message: `a line of another router ${problem}`, ...(cause === undefined ? {} : { cause }) });
