import { isUtf8 } from 'node:buffer';
import { PlatformError } from '@maru/api/errors';
import { type FieldRange, parseJson, scanObject } from '#http';
import type { Door, OpenDoor } from './door.ts';
import { READ_FIELDS, type RequestShape, shapeOf } from './request-shape.ts';
import type { Upload } from './upload/upload.ts';

/** Bodies up to this size are checked as JSON in full; of larger ones only the top level, because parsing them costs more than all the rest. */
const FULL_PARSE_BYTES = 64 * 1024;

/** A request body, read once; the bytes stay as they came. */
export interface ParsedRequest {
  readonly bytes: Buffer;
  readonly fields: ReadonlyMap<string, FieldRange>;
  readonly model: string;
  readonly stream: boolean;
  /** The client asked for a usage chunk itself. */
  readonly wantsUsage: boolean;
  /** The client lets go what the engine can not be told. */
  readonly dropsParams: boolean;
  readonly maxTokens: number | undefined;
  readonly user: string | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  /** The raw JSON of the prompt. */
  readonly promptBytes: Buffer;
  readonly promptTokens: number;
  /** A body in parts, still on its way; `bytes` is empty then. */
  readonly upload?: Upload;
  value(): Readonly<Record<string, unknown>>;
}

/**
 * Reads what the gateway needs to know and nothing else. Throws `invalid_json`, or `invalid_request` naming the field that is missing,
 * of the wrong type, or there twice.
 */
export function parseRequest(door: Door, body: Buffer, path?: OpenDoor['path']): ParsedRequest {
  const bytes = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  let value: Readonly<Record<string, unknown>> | undefined;
  const parse = (): Readonly<Record<string, unknown>> => {
    value ??= parseJson(bytes) as Readonly<Record<string, unknown>>;
    return value;
  };
  if (bytes.length === 0) throw new PlatformError('invalid_json', { message: 'the request has no body; send a JSON object' });
  if (!isUtf8(bytes)) throw new PlatformError('invalid_json', { message: 'the request body is not UTF-8' });
  if (bytes.length <= FULL_PARSE_BYTES) parse();
  const shape = shapeOf(door);
  let marked: string[] | undefined;
  const fields = scanObject(bytes, {
    onRepeat: (name) => {
      if (READ_FIELDS.has(name)) throw wrong(name, 'stands twice in the request');
    },
    mark: shape.image,
    onMark: (name) => {
      marked ??= [];
      marked.push(name);
    },
  });
  const scalar = (name: string): unknown => {
    if (value !== undefined) return value[name];
    const range = fields.get(name);
    return range === undefined ? undefined : (JSON.parse(bytes.toString('utf8', range.start, range.end)) as unknown);
  };

  const promptBytes = readPrompt(bytes, fields, shape);
  const images = marked?.some((name) => shape.prompt.includes(name)) === true;
  return {
    bytes,
    fields,
    model: path?.model ?? readModel(scalar('model'), door),
    stream: path?.stream ?? readStream(scalar('stream'), door, shape),
    wantsUsage: fields.has('stream_options') && wantsUsage(scalar('stream_options')),
    dropsParams: fields.has('drop_params') && scalar('drop_params') === true,
    maxTokens: door.format === 'gemini' ? readGeminiMaxTokens(scalar) : readMaxTokens(scalar, shape.maxTokens),
    user: readUser(scalar('user')),
    tools: isFilledList(bytes, fields.get('tools')),
    images,
    promptBytes,
    promptTokens: images ? tokensWithImages(promptBytes) : Math.ceil(promptBytes.length / 4),
    value: parse,
  };
}

function readModel(model: unknown, door: Door): string {
  if (model == null && door.optionalModel === true) return '';
  if (typeof model !== 'string' || model === '') throw wrong('model', 'must be the name of a model');
  return model;
}

function readStream(value: unknown, door: Door, shape: RequestShape): boolean {
  const stream = value ?? false;
  if (typeof stream !== 'boolean') throw wrong('stream', 'must be true or false');
  if (stream && !shape.streams) throw wrong('stream', `can not be true: ${door.operation} are not streamed`);
  return stream;
}

function readPrompt(bytes: Buffer, fields: ReadonlyMap<string, FieldRange>, shape: RequestShape): Buffer {
  const name = shape.prompt.find((each) => fields.has(each));
  const range = name === undefined ? undefined : fields.get(name);
  if (range === undefined) {
    if (shape.needsPrompt) throw wrong(shape.prompt[0] ?? 'input', 'is missing');
    return bytes.subarray(0, 0);
  }
  const promptBytes = bytes.subarray(range.start, range.end);
  if (shape.listed && promptBytes[0] !== 0x5b) throw wrong(name ?? 'messages', 'must be a list of messages');
  return promptBytes;
}

/** What is known of a request whose body is still on its way. Throws `invalid_request` when it has no model and needs one. */
export const parseUpload = (door: Door, upload: Upload): ParsedRequest => ({
  bytes: NOTHING,
  fields: NO_FIELDS,
  model: readModel(upload.model, door),
  stream: false,
  wantsUsage: false,
  dropsParams: false,
  maxTokens: undefined,
  user: undefined,
  tools: false,
  images: false,
  promptBytes: NOTHING,
  promptTokens: 0,
  upload,
  value: () => NO_VALUE,
});

const NOTHING = Buffer.alloc(0);
const NO_FIELDS: ReadonlyMap<string, FieldRange> = new Map();
const NO_VALUE = Object.freeze({});

/** About what vendors count for a picture of ordinary size. */
const TOKENS_PER_IMAGE = 1000;

/** Counts an embedded picture as a picture, not as the letters that carry it. */
function tokensWithImages(prompt: Buffer): number {
  let bytes = prompt.length;
  let pictures = 0;
  for (const marker of ['"data:image/', '"data":"', '"data": "']) {
    for (let at = prompt.indexOf(marker); at >= 0; at = prompt.indexOf(marker, at)) {
      const end = prompt.indexOf('"', at + marker.length);
      if (end < 0) break;
      bytes -= end - at;
      pictures += 1;
      at = end;
    }
  }
  return Math.ceil(bytes / 4) + pictures * TOKENS_PER_IMAGE;
}

function wantsUsage(options: unknown): boolean {
  if (options === null) return false;
  if (typeof options !== 'object' || Array.isArray(options)) throw wrong('stream_options', 'must be an object');
  return (options as { include_usage?: unknown }).include_usage === true;
}

function readMaxTokens(scalar: (name: string) => unknown, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = scalar(name);
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw wrong(name, 'must be a whole number');
    return value;
  }
  return undefined;
}

function readGeminiMaxTokens(scalar: (name: string) => unknown): number | undefined {
  const config = (scalar('generationConfig') ?? scalar('generation_config') ?? {}) as Readonly<Record<string, unknown>>;
  return readMaxTokens((name) => config[name], ['maxOutputTokens', 'max_output_tokens']);
}

const readUser = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined);

const isFilledList = (bytes: Buffer, range: FieldRange | undefined): boolean =>
  range !== undefined && bytes[range.start] === 0x5b && bytes.toString('latin1', range.start + 1, range.start + 64).trimStart()[0] !== ']';

const wrong = (param: string, what: string): PlatformError => new PlatformError('invalid_request', { message: `"${param}" ${what}`, details: { param } });
