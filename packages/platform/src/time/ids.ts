import { randomBytes } from 'node:crypto';

/** The only source of ids and chance. */
export interface Ids {
  /** A new id with a prefix, sortable by time: `run_01j…`. */
  next(prefix: string): string;
  /** 32 hex digits, as W3C Trace Context wants a trace id: time first, 80 random bits behind, so that new rows go to the end of an index. */
  traceId(): string;
  /** 16 hex digits, as W3C Trace Context wants a span id. */
  spanId(): string;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  random(): number;
  /** A secret with at least 192 bits, safe in URLs and headers. */
  secret(): string;
}

/** Ids for production: time-ordered, random, unguessable. */
export function createIds(nowMs: () => number): Ids {
  // Random bytes are drawn in blocks: a call of the system per id costs more than the id.
  let pool = randomBytes(4096);
  let used = 0;
  const take = (count: number): Buffer => {
    if (used + count > pool.length) {
      pool = randomBytes(4096);
      used = 0;
    }
    const bytes = pool.subarray(used, used + count);
    used += count;
    return bytes;
  };
  // Several ids of one request are made in the same millisecond.
  let atMs = Number.NaN;
  let time36 = '';
  let time16 = '';
  const readTime = (): void => {
    const now = nowMs();
    if (now === atMs) return;
    atMs = now;
    time36 = now.toString(36).padStart(9, '0');
    time16 = now.toString(16).padStart(12, '0');
  };
  return {
    next: (prefix) => {
      readTime();
      return `${prefix}_${time36}${take(8).toString('hex')}`;
    },
    traceId: () => {
      readTime();
      return time16 + take(10).toString('hex');
    },
    spanId: () => take(8).toString('hex'),
    random: () => take(4).readUInt32BE() / 0x1_0000_0000,
    secret: () => randomBytes(24).toString('base64url'),
  };
}

/** Ids for tests and simulation: the same seed gives the same ids. */
export function createSeededIds(seed = 1): Ids {
  const random = createRandom(seed);
  let counter = 0;
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits)
      text += Math.floor(random() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  };
  return {
    next: (prefix) => {
      counter += 1;
      return `${prefix}_${counter.toString().padStart(6, '0')}`;
    },
    traceId: () => hex(32),
    spanId: () => hex(16),
    random,
    secret: () => hex(32),
  };
}

/** Mulberry32: a small generator, good enough for simulation and never for secrets. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
