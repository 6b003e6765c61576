/** A JSON object whose fields were not checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object (no list, no null). */
export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or an empty one for anything else. */
export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : EMPTY_OBJECT);

/** The list, or an empty one for anything else. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : EMPTY_LIST);

/** The string, or undefined for anything else. */
export const asString = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The finite number, or undefined for anything else. */
export const asNumber = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

/** A count of tokens; anything that is not a whole number of zero or more counts as zero. */
export const asCount = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0);

/** The object without its undefined fields: what is absent must not become a field on the wire. */
export function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) if (field !== undefined) kept[name] = field;
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}

const EMPTY_OBJECT: JsonObject = Object.freeze({});
const EMPTY_LIST: readonly unknown[] = Object.freeze([]);
