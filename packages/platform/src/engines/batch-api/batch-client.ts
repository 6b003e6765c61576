import { PlatformError } from '@maru/api/errors';
import type { z } from 'zod';
import { createUpstream, type Upstream } from '#http';
import { removeSecrets, secretsOf } from '../transport/hide-secrets.ts';

export interface BatchClientOptions {
  readonly endpoint: string;
  /** Up to and with the version. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

interface Sending {
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly contentType?: string;
}

/** Asks the API of a provider for things that are no call of a model. */
export interface BatchClient {
  /** A JSON object. Throws `upstream_rejected` for what will be refused again, else an `upstream_*` code that may pass. */
  json(method: 'GET' | 'POST', path: string, options: Sending & { readonly signal: AbortSignal }): Promise<Readonly<Record<string, unknown>>>;
  /** The lines of a file, parsed. */
  lines(path: string, signal: AbortSignal): AsyncIterable<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;

export function createBatchClient(options: BatchClientOptions): BatchClient {
  const url = new URL(options.baseUrl);
  const prefix = url.pathname.replace(/\/+$/, '');
  const secrets = secretsOf(options.headers);
  const upstream: Upstream = createUpstream({
    origin: url.origin,
    connectTimeoutMs: 10_000,
    headersTimeoutMs: options.timeoutMs,
    bodyTimeoutMs: options.timeoutMs,
  });

  const ask = async (method: 'GET' | 'POST', path: string, { body, contentType, signal }: Sending & { readonly signal: AbortSignal }) => {
    const headers = { ...options.headers, ...(contentType === undefined ? {} : { 'content-type': contentType }) };
    const reply = await upstream.request({ method, path: prefix + path, headers, cancel: { signal }, ...(body === undefined ? {} : { body }) });
    if (reply.status >= 200 && reply.status < 300) return reply.body;
    const words = (await collect(reply.body, MAX_BODY_BYTES)).toString('utf8').slice(0, 500);
    throw refused(reply.status, { path, words: removeSecrets(words, secrets), endpoint: options.endpoint });
  };

  return {
    async json(method, path, sending) {
      return parse((await collect(await ask(method, path, sending), MAX_BODY_BYTES)).toString('utf8'), options.endpoint);
    },
    async *lines(path, signal) {
      for await (const line of splitLines(await ask('GET', path, { signal }))) yield parse(removeSecrets(line, secrets), options.endpoint);
    },
    close: () => upstream.close(),
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
