import type { FieldRange } from '#http';
import type { CallWishes } from './ports.ts';

/** Fields of a request that speak to the gateway and that no engine knows. */
const EXTRAS = ['cache', 'guardrails', 'fallbacks', 'disable_fallbacks', 'num_retries', 'drop_params'] as const;

export interface Extras {
  readonly cache: unknown;
  readonly guardrails: unknown;
  readonly wishes: CallWishes;
  /** The request without them; undefined where there were none. */
  readonly bytes: Buffer | undefined;
}

const NONE: Extras = Object.freeze({ cache: undefined, guardrails: undefined, wishes: {}, bytes: undefined });

interface Request {
  readonly bytes: Buffer;
  readonly fields: ReadonlyMap<string, FieldRange>;
}

const QUOTE = 0x22;
const COMMA = 0x2c;

/** Takes the extras out of a request; everything else stays byte for byte. */
export function takeExtras({ bytes, fields }: Request): Extras {
  if (!EXTRAS.some((name) => fields.has(name))) return NONE;
  const found = EXTRAS.flatMap((name) => {
    const range = fields.get(name);
    return range === undefined ? [] : [{ name, range }];
  });
  const values = Object.fromEntries(found.map(({ name, range }) => [name, JSON.parse(bytes.toString('utf8', range.start, range.end)) as unknown])) as Partial<
    Record<(typeof EXTRAS)[number], unknown>
  >;
  const cuts = found.map(({ range }) => cutOf(bytes, range)).sort((left, right) => left.start - right.start);
  const parts: Buffer[] = [];
  let from = 0;
  for (const cut of cuts) {
    parts.push(bytes.subarray(from, Math.max(from, cut.start)));
    from = cut.end;
  }
  parts.push(bytes.subarray(from));
  const wishes = { fallbacks: values.fallbacks, disableFallbacks: values.disable_fallbacks, numRetries: values.num_retries };
  return { cache: values.cache, guardrails: values.guardrails, wishes, bytes: tidy(Buffer.concat(parts)) };
}

/** A field with its name and the comma behind it. */
function cutOf(bytes: Buffer, value: FieldRange): FieldRange {
  // Before the value stand a colon and the name; a name holds no bare quote, so the second quote before the value opens it.
  let start = bytes.lastIndexOf(QUOTE, value.start - 1) - 1;
  while (bytes[start] !== QUOTE) start -= 1;
  let end = value.end;
  while (isSpace(bytes[end])) end += 1;
  return { start, end: bytes[end] === COMMA ? end + 1 : value.end };
}

/** Removes the comma that is left when the last field has gone. */
function tidy(bytes: Buffer): Buffer {
  let close = bytes.length - 1;
  while (isSpace(bytes[close])) close -= 1;
  let last = close - 1;
  while (isSpace(bytes[last])) last -= 1;
  return bytes[last] === COMMA ? Buffer.concat([bytes.subarray(0, last), bytes.subarray(last + 1)]) : bytes;
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
