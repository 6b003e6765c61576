import { PlatformError } from '@maru/api/errors';
import type { z } from 'zod';
import { createUpstream, type Upstream } from '#http';
import type { Authorize } from '../transport/authorize.ts';
import { removeSecrets, secretsOf } from '../transport/hide-secrets.ts';

export interface BatchClientOptions {
  readonly endpoint: string;
  /** Up to and with the version. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Gives every request its credentials, where they are no header that stays. */
  readonly authorize?: Authorize | undefined;
}

interface Sending {
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Method = 'GET' | 'POST';

/** Asks the API of a provider for things that are no call of a model. */
export interface BatchClient {
  /** The path of the address, without a slash at its end. */
  readonly prefix: string;
  /** A JSON object. Throws `upstream_rejected` for what will be refused again, else an `upstream_*` code that may pass. */
  json(method: Method, path: string, options: Sending & { readonly signal: AbortSignal }): Promise<Readonly<Record<string, unknown>>>;
  /** The headers of an answer whose body says nothing. The path is the whole one. */
  begin(path: string, options: Sending & { readonly signal: AbortSignal }): Promise<Readonly<Record<string, string>>>;
  /** As `json`, for a path that is the whole one. */
  post(path: string, options: Sending & { readonly signal: AbortSignal }): Promise<Readonly<Record<string, unknown>>>;
  /** The lines of a file, parsed. */
  lines(path: string, signal: AbortSignal): AsyncIterable<Readonly<Record<string, unknown>>>;
  /** As `lines`, for a path that is the whole one. */
  linesAt(path: string, signal: AbortSignal): AsyncIterable<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;

export function createBatchClient(options: BatchClientOptions): BatchClient {
  const url = new URL(options.baseUrl);
  const prefix = url.pathname.replace(/\/+$/, '');
  const upstream: Upstream = createUpstream({
    origin: url.origin,
    connectTimeoutMs: 10_000,
    headersTimeoutMs: options.timeoutMs,
    bodyTimeoutMs: options.timeoutMs,
  });

  const ask = async (method: Method, path: string, { body, contentType, headers: more, signal }: Sending & { readonly signal: AbortSignal }) => {
    const outgoing = { method, host: url.host, path, contentType: contentType ?? '', body: body ?? new Uint8Array() };
    const credentials = await options.authorize?.headers(outgoing, signal);
    const headers = { ...options.headers, ...(contentType === undefined ? {} : { 'content-type': contentType }), ...more, ...credentials };
    const secrets = secretsOf(headers);
    const reply = await upstream.request({ method, path, headers, cancel: { signal }, ...(body === undefined ? {} : { body }) });
    if (reply.status >= 200 && reply.status < 300) return { reply, secrets };
    if (reply.status === 401) options.authorize?.refused();
    const words = (await collect(reply.body, MAX_BODY_BYTES)).toString('utf8').slice(0, 500);
    throw refused(reply.status, { path, words: removeSecrets(words, secrets), endpoint: options.endpoint });
  };
  const askJson = async (method: Method, path: string, sending: Sending & { readonly signal: AbortSignal }) =>
    parse((await collect((await ask(method, path, sending)).reply.body, MAX_BODY_BYTES)).toString('utf8'), options.endpoint);
  async function* linesAt(path: string, signal: AbortSignal) {
    const { reply, secrets } = await ask('GET', path, { signal });
    for await (const line of splitLines(reply.body)) yield parse(removeSecrets(line, secrets), options.endpoint);
  }

  return {
    prefix,
    json: (method, path, sending) => askJson(method, prefix + path, sending),
    post: (path, sending) => askJson('POST', path, sending),
    async begin(path, sending) {
      const { reply } = await ask('POST', path, sending);
      await collect(reply.body, MAX_BODY_BYTES);
      return Object.fromEntries(Object.entries(reply.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
    },
    lines: (path, signal) => linesAt(prefix + path, signal),
    linesAt,
    close: async () => {
      await Promise.all([upstream.close(), options.authorize?.close()]);
    },
  };
}

function refused(status: number, { path, words, endpoint }: { readonly path: string; readonly words: string; readonly endpoint: string }): PlatformError {
  const code =
    status === 401 || status === 403
      ? 'upstream_credentials'
      : status === 408 || status === 429 || status >= 500
        ? 'upstream_unreachable'
        : 'upstream_rejected';
  return new PlatformError(code, { message: `${endpoint} answered ${path} with status ${status}: ${words}`, details: { endpoint, upstreamStatus: status } });
}

async function collect(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit) throw new PlatformError('upstream_garbage', { message: `the answer of a batch API is longer than ${limit} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let rest: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    let from = 0;
    const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
      const line = Buffer.concat([...rest, data.subarray(from, end)]).toString('utf8');
      rest = [];
      bytes = 0;
      from = end + 1;
      if (line.trim() !== '') yield line;
    }
    rest.push(data.subarray(from));
    bytes += data.length - from;
    if (bytes > MAX_LINE_BYTES) throw new PlatformError('upstream_garbage', { message: `a result of a batch API is longer than ${MAX_LINE_BYTES} bytes` });
  }
  const last = Buffer.concat(rest).toString('utf8');
  if (last.trim() !== '') yield last;
}

function parse(text: string, endpoint: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: `${endpoint} answered with something that is not JSON`, cause });
  }
  throw new PlatformError('upstream_garbage', { message: `${endpoint} answered with something that is not a JSON object` });
}

/** What an API has answered, in its own form; throws `upstream_garbage`. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PlatformError('upstream_garbage', {
    message: `the batch API answered in a form that is not its own: ${parsed.error.issues[0]?.path.join('.') ?? ''}`,
  });
}
