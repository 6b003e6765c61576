import type { Span, SpanKind, Usage } from '@maru/api/records';
import type { TraceGiven } from '../entry.ts';

/** What one dialect of attributes says of a span; absent where it says nothing. */
export interface Reading {
  readonly kind?: SpanKind | undefined;
  readonly model?: string | undefined;
  readonly usage?: Usage | undefined;
  readonly costNanoUsd?: number | undefined;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  readonly status?: Span['status'] | undefined;
  readonly statusMessage?: string | undefined;
  /** When the first token came, in milliseconds since 1970. */
  readonly firstTokenAtMs?: number | undefined;
  /** Time to first token, in milliseconds. */
  readonly ttftMs?: number | undefined;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly given?: TraceGiven | undefined;
}

export type Attributes = Readonly<Record<string, unknown>>;

/** Reads the attributes of one convention; pure. */
export type Dialect = (attributes: Attributes) => Reading;

/** The first text that is not empty under one of some names. */
export function textOf(attributes: Attributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = attributes[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

/** The first number under one of some names; numbers in text are accepted. */
export function numberOf(attributes: Attributes, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = attributes[key];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  }
  return undefined;
}

/** The first value under one of some names; text that is a JSON object or list is parsed. */
export function contentOf(attributes: Attributes, ...keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = attributes[key];
    if (value !== undefined && value !== null && value !== '') return unwrapJson(value);
  }
  return undefined;
}

/** Parses text that holds a JSON object or list; anything else stays as it is. */
export function unwrapJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** `prefix.0.role`, `prefix.0.content`, `prefix.1.role` … as a list of objects; undefined when there is none. */
export function listOf(attributes: Attributes, prefix: string): readonly Record<string, unknown>[] | undefined {
  const items: Record<string, unknown>[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(`${prefix}.`)) continue;
    const match = /^(\d{1,4})\.(.+)$/.exec(key.slice(prefix.length + 1));
    if (match === null) continue;
    const index = Number(match[1]);
    items[index] = { ...items[index], [(match[2] ?? '').replace(/^(message|document)\./, '')]: value };
  }
  const list = items.filter((item) => item !== undefined);
  return list.length === 0 ? undefined : list;
}
