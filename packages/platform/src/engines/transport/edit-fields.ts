import { parseJson } from '#http';

/** Changes to the top level of a JSON body. */
export interface FieldEdits {
  /** A field that is there under both names keeps the new one. */
  readonly renames?: Readonly<Record<string, string>>;
  readonly omits?: readonly string[];
  /** A field that is there already is left as it is. */
  readonly sets?: Readonly<Record<string, unknown>>;
  /** A field that becomes true in the last one of `messages`. */
  readonly marksLast?: string;
}

/** The bytes are returned as they are unless there is something to change, so that an ordinary body is never parsed. Throws `invalid_json`. */
export function editFields(body: Uint8Array, { renames = {}, omits = [], sets = {}, marksLast }: FieldEdits): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const names = [...Object.keys(renames), ...omits].filter((name) => bytes.includes(`"${name}"`));
  const added = Object.entries(sets);
  if (names.length === 0 && added.length === 0 && marksLast === undefined) return body;
  const value = parseJson(bytes) as Record<string, unknown>;
  if (added.length === 0 && marksLast === undefined && !names.some((name) => Object.hasOwn(value, name))) return body;
  const kept = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    const own = Object.hasOwn(renames, name) ? renames[name] : undefined;
    if (omits.includes(name)) continue;
    if (own === undefined) kept.set(name, field);
    else if (!Object.hasOwn(value, own)) kept.set(own, field);
  }
  for (const [name, field] of added) if (!kept.has(name)) kept.set(name, field);
  if (marksLast !== undefined) kept.set('messages', withMark(kept.get('messages'), marksLast));
  return Buffer.from(JSON.stringify(Object.fromEntries(kept)));
}

const withMark = (messages: unknown, mark: string): unknown =>
  Array.isArray(messages) ? [...messages.slice(0, -1), { ...(messages.at(-1) as object), [mark]: true }] : messages;
