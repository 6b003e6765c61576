import { isUtf8 } from 'node:buffer';
import { PlatformError } from '@maru/api/errors';
import type { EngineOperation } from '#engines';
import { parseJson } from '#http';
import { type FieldRange, scanObject } from './json-scan.ts';

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
  readonly maxTokens: number | undefined;
  readonly user: string | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  /** The raw JSON of the prompt. */
  readonly promptBytes: Buffer;
  readonly promptTokens: number;
  value(): Readonly<Record<string, unknown>>;
}

const PROMPTS: Readonly<Record<EngineOperation, string>> = { chat: 'messages', completions: 'prompt', embeddings: 'input' };
const READ = new Set(['model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'user', 'tools', 'messages', 'prompt', 'input']);

/**
 * Reads what the gateway needs to know and nothing else. Throws `invalid_json`, or `invalid_request` naming the field that is missing,
 * of the wrong type, or there twice.
 */
export function parseRequest(operation: EngineOperation, body: Buffer): ParsedRequest {
  const bytes = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  let value: Readonly<Record<string, unknown>> | undefined;
  const parse = (): Readonly<Record<string, unknown>> => {
    value ??= parseJson(bytes) as Readonly<Record<string, unknown>>;
    return value;
  };
  if (bytes.length === 0) throw new PlatformError('invalid_json', { message: 'the request has no body; send a JSON object' });
  if (!isUtf8(bytes)) throw new PlatformError('invalid_json', { message: 'the request body is not UTF-8' });
  if (bytes.length <= FULL_PARSE_BYTES) parse();
  const fields = scanObject(bytes, (name) => {
    if (READ.has(name)) throw wrong(name, 'stands twice in the request');
  });

  const scalar = (name: string): unknown => {
    if (value !== undefined) return value[name];
    const range = fields.get(name);
    return range === undefined ? undefined : (JSON.parse(bytes.toString('utf8', range.start, range.end)) as unknown);
  };
  const model = scalar('model');
  if (typeof model !== 'string' || model === '') throw wrong('model', 'must be the name of a model');
  const stream = scalar('stream') ?? false;
  if (typeof stream !== 'boolean') throw wrong('stream', 'must be true or false');
  if (stream && operation === 'embeddings') throw wrong('stream', 'can not be true: embeddings are not streamed');
  const prompt = fields.get(PROMPTS[operation]);
  if (prompt === undefined) throw wrong(PROMPTS[operation], 'is missing');
  const promptBytes = bytes.subarray(prompt.start, prompt.end);
  if (operation === 'chat' && promptBytes[0] !== 0x5b) throw wrong('messages', 'must be a list of messages');

  const images = operation === 'chat' && promptBytes.includes('"image_url"');
  return {
    bytes,
    fields,
    model,
    stream,
    wantsUsage: fields.has('stream_options') && wantsUsage(scalar('stream_options')),
    maxTokens: readMaxTokens(scalar),
    user: readUser(scalar('user')),
    tools: isFilledList(bytes, fields.get('tools')),
    images,
    promptBytes,
    promptTokens: images ? tokensWithImages(promptBytes) : Math.ceil(promptBytes.length / 4),
    value: parse,
  };
}

/** About what vendors count for a picture of ordinary size. */
const TOKENS_PER_IMAGE = 1000;

/** Counts an embedded picture as a picture, not as the letters that carry it. */
function tokensWithImages(prompt: Buffer): number {
  let bytes = prompt.length;
  let pictures = 0;
  for (let at = prompt.indexOf('"data:image/'); at >= 0; at = prompt.indexOf('"data:image/', at)) {
    const end = prompt.indexOf('"', at + 1);
    if (end < 0) break;
    bytes -= end - at;
    pictures += 1;
    at = end;
  }
  return Math.ceil(bytes / 4) + pictures * TOKENS_PER_IMAGE;
}

function wantsUsage(options: unknown): boolean {
  if (options === null) return false;
  if (typeof options !== 'object' || Array.isArray(options)) throw wrong('stream_options', 'must be an object');
  return (options as { include_usage?: unknown }).include_usage === true;
}

function readMaxTokens(scalar: (name: string) => unknown): number | undefined {
  for (const name of ['max_completion_tokens', 'max_tokens']) {
    const value = scalar(name);
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw wrong(name, 'must be a whole number');
    return value;
  }
  return undefined;
}

const readUser = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined);

const isFilledList = (bytes: Buffer, range: FieldRange | undefined): boolean =>
  range !== undefined && bytes[range.start] === 0x5b && bytes.toString('latin1', range.start + 1, range.start + 64).trimStart()[0] !== ']';

const wrong = (param: string, what: string): PlatformError => new PlatformError('invalid_request', { message: `"${param}" ${what}`, details: { param } });
