import { LIMITS } from '../limits.ts';
import { asArray, asObject } from './request.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/** A list of OTLP key-values as an object of plain values. */
export function toAttributes(list: unknown): Attributes {
  const attributes: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const item of asArray(list)) {
    const { key, value } = asObject(item);
    if (typeof key === 'string' && key !== '') attributes[key] = toPlain(value, 0);
  }
  return { ...attributes };
}

/** An OTLP `AnyValue` as a plain value. */
function toPlain(value: unknown, depth: number): unknown {
  const any = asObject(value);
  if (depth > LIMITS.attributeDepth) return '[nested too deeply]';
  if (typeof any['stringValue'] === 'string') return any['stringValue'];
  if (typeof any['boolValue'] === 'boolean') return any['boolValue'];
  if (any['intValue'] !== undefined && any['intValue'] !== null) return toNumber(any['intValue']);
  if (any['doubleValue'] !== undefined && any['doubleValue'] !== null) return toNumber(any['doubleValue']);
  if (any['arrayValue'] !== undefined && any['arrayValue'] !== null)
    return asArray(asObject(any['arrayValue'])['values']).map((item) => toPlain(item, depth + 1));
  if (any['kvlistValue'] !== undefined && any['kvlistValue'] !== null)
    return Object.fromEntries(
      asArray(asObject(any['kvlistValue'])['values']).map((item) => {
        const { key, value: inner } = asObject(item);
        return [String(key), toPlain(inner, depth + 1)];
      }),
    );
  if (any['bytesValue'] instanceof Uint8Array) return Buffer.from(any['bytesValue']).toString('base64');
  if (typeof any['bytesValue'] === 'string') return any['bytesValue'];
  return null;
}

/** 64-bit integers arrive as text; what a number can not hold exactly stays text. */
function toNumber(value: unknown): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'string') return null;
  const number = Number(value);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : value;
}

/** Nanoseconds since 1970, as text or number, in milliseconds; undefined when missing or zero. */
export function nanosToMs(nanos: unknown): number | undefined {
  if (typeof nanos === 'string' && !/^\d{1,20}$/.test(nanos)) return undefined;
  const ms = typeof nanos === 'string' || typeof nanos === 'number' ? Number(nanos) / 1e6 : Number.NaN;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
