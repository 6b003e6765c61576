import { PlatformError } from '@maru/api/errors';
import { knownName } from './known-names.ts';
import { skipLongString } from './skip-long-string.ts';

/** Where the value of a top-level field stands in the bytes. */
export interface FieldRange {
  readonly start: number;
  /** First byte after the value. */
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MAX_DEPTH = 512;

/** What a scan tells beside the places of the fields. */
export interface ScanOptions {
  /** A name that stands twice: parsers disagree on which one counts. */
  readonly onRepeat?: ((name: string) => void) | undefined;
  /** The beginning of a string, with its quote. */
  readonly mark?: Buffer | undefined;
  /** The name of a field in whose value, an object or a list, a string begins so. */
  readonly onMark?: ((name: string) => void) | undefined;
}

interface Search {
  readonly mark: Buffer;
  found: boolean;
}

/**
 * Finds the fields of a JSON object without building it: long texts are skipped at the speed of memory.
 * The top level is checked in full; inside values only strings and brackets are. Throws `invalid_json` with the place.
 */
export function scanObject(bytes: Buffer, { onRepeat, mark, onMark }: ScanOptions = {}): Map<string, FieldRange> {
  const search: Search | undefined = mark === undefined ? undefined : { mark, found: false };
  const fields = new Map<string, FieldRange>();
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) throw broken(at, 'the body must be a JSON object');
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_BRACE) return atEnd(bytes, at + 1, fields);
  for (;;) {
    if (bytes[at] !== QUOTE) throw broken(at, 'expected the name of a field');
    const nameEnd = skipString(bytes, at + 1);
    const name = readName(bytes, at, nameEnd);
    at = skipSpace(bytes, nameEnd);
    if (bytes[at] !== COLON) throw broken(at, 'expected ":"');
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, start, search);
    if (fields.has(name)) onRepeat?.(name);
    if (search?.found === true) {
      onMark?.(name);
      search.found = false;
    }
    fields.set(name, { start, end });
    at = skipSpace(bytes, end);
    const next = bytes[at];
    if (next === CLOSE_BRACE) return atEnd(bytes, at + 1, fields);
    if (next !== COMMA) throw broken(at, 'expected "," or "}"');
    at = skipSpace(bytes, at + 1);
  }
}

function atEnd(bytes: Buffer, from: number, fields: Map<string, FieldRange>): Map<string, FieldRange> {
  const at = skipSpace(bytes, from);
  if (at < bytes.length) throw broken(at, 'expected the end of the body');
  return fields;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at += 1;
  return at;
}

/** From the byte after the opening quote to the byte after the closing one. */
function skipString(bytes: Buffer, from: number): number {
  // Short strings are cheaper to walk than to search.
  const near = Math.min(bytes.length, from + 48);
  let at = from;
  for (; at < near; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  const end = skipLongString(bytes, at);
  if (end < 0) throw broken(bytes.length, 'a string is not closed');
  return end;
}

function readName(bytes: Buffer, start: number, end: number): string {
  const known = knownName(bytes, start + 1, end - 1);
  if (known !== undefined) return known;
  const raw = bytes.toString('utf8', start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    throw broken(start, 'the name of a field has a wrong escape');
  }
}

function skipValue(bytes: Buffer, start: number, search: Search | undefined): number {
  const first = bytes[start];
  if (first === QUOTE) return skipString(bytes, start + 1);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(bytes, start, search);
  return skipScalar(bytes, start);
}

function skipNested(bytes: Buffer, start: number, search: Search | undefined): number {
  const closers: number[] = [];
  for (let at = start; at < bytes.length; ) {
    const byte = bytes[at];
    at += 1;
    if (byte === QUOTE) {
      const begin = at - 1;
      at = skipString(bytes, at);
      if (search !== undefined && !search.found) search.found = beginsWith(bytes, begin, search.mark);
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (closers.length >= MAX_DEPTH) throw broken(at - 1, `values are nested deeper than ${MAX_DEPTH}`);
      closers.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (closers.pop() !== byte) throw broken(at - 1, 'brackets do not match');
      if (closers.length === 0) return at;
    }
  }
  throw broken(bytes.length, 'a bracket is not closed');
}

function beginsWith(bytes: Buffer, at: number, mark: Buffer): boolean {
  for (let index = 0; index < mark.length; index += 1) if (bytes[at + index] !== mark[index]) return false;
  return true;
}

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

function skipScalar(bytes: Buffer, start: number): number {
  let at = start;
  // Most numbers are whole, and need no text to be made of them.
  const first = bytes[at] ?? 0;
  if (first > DIGIT_0 && first <= DIGIT_9) for (let byte = first; byte >= DIGIT_0 && byte <= DIGIT_9; byte = bytes[at] ?? 0) at += 1;
  if (at > start && at - start < 400 && isEndOfScalar(bytes[at])) return at;
  while (!isEndOfScalar(bytes[at])) at += 1;
  if (at - start > 400 || !SCALAR.test(bytes.toString('latin1', start, at))) throw broken(start, 'expected a value');
  return at;
}

const isEndOfScalar = (byte: number | undefined): boolean => byte === undefined || byte <= 0x20 || byte === COMMA || byte === CLOSE_BRACE;

const broken = (position: number, what: string): PlatformError =>
  new PlatformError('invalid_json', { message: `the request body is not valid JSON: ${what} at byte ${position}`, details: { position } });
