import { parseJson } from '#http';

/** Where a service differs from the OpenAI API, as data. */
export interface Quirks {
  /** Parameters that the service knows by another name: OpenAI's name to its own. */
  readonly renames?: Readonly<Record<string, string>>;
  /** Parameters that mean nothing to the answer and that the service refuses to see. */
  readonly omits?: readonly string[];
}

/**
 * The body as the service wants it. The bytes are returned as they are unless one of the names stands in them, so that an ordinary request is
 * never parsed. A field that is there under both names keeps the service's own.
 */
export function applyQuirks(body: Uint8Array, { renames = {}, omits = [] }: Quirks): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const names = [...Object.keys(renames), ...omits].filter((name) => bytes.includes(`"${name}"`));
  if (names.length === 0) return body;
  const value = parseJson(bytes) as Record<string, unknown>;
  if (!names.some((name) => Object.hasOwn(value, name))) return body;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (omits.includes(name)) continue;
    const own = renames[name];
    if (own === undefined) kept[name] = field;
    else if (!Object.hasOwn(value, own)) kept[own] = field;
  }
  return Buffer.from(JSON.stringify(kept));
}
