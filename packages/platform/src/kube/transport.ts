import { isPlatformError, PlatformError } from '@maru/api/errors';
import { request } from 'undici';
import type { Credentials } from './credentials.ts';
import { toStatusError } from './status-error.ts';
import { WATCH_SECONDS } from './watch-seconds.ts';

interface TransportCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

/** JSON over HTTP to one API server, with the errors of the catalogue. */
export interface Transport {
  /** The parsed answer; undefined for 404. */
  call<T>(call: TransportCall): Promise<T | undefined>;
  /** Lines of a stream that stays open; ends when the server ends it. */
  lines(call: TransportCall): AsyncIterable<string>;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** The server ends a watch itself before; a stream that is silent for longer has lost its peer. */
const WATCH_SILENCE_MS = (WATCH_SECONDS + 30) * 1000;
/** A list page of 500 objects stays far below; more is not an API server. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;
const MAX_LINE_BYTES = 16 * 1024 * 1024;

export function createTransport(credentials: Credentials): Transport {
  const send = async (call: TransportCall, bodyTimeout: number): Promise<Awaited<ReturnType<typeof request>>> => {
    const url = new URL(credentials.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) url.searchParams.set(name, value);
    try {
      return await request(url, {
        method: call.method,
        dispatcher: credentials.dispatcher,
        headers: {
          accept: 'application/json',
          ...(await credentials.headers()),
          ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        headersTimeout: REQUEST_TIMEOUT_MS,
        bodyTimeout,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
    } catch (cause) {
      throw unreachable(cause, call, credentials.server);
    }
  };

  return {
    async call<T>(call: TransportCall): Promise<T | undefined> {
      const response = await send(call, REQUEST_TIMEOUT_MS);
      const text = await readText(response.body, call, credentials.server);
      if (response.statusCode === 404) return undefined;
      if (response.statusCode >= 400) throw toStatusError(response.statusCode, text, describe(call));
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new PlatformError('cluster_rejected', {
          message: `${describe(call)}: the answer is not JSON; is ${credentials.server} a Kubernetes API server?`,
          cause,
        });
      }
    },
    async *lines(call) {
      const response = await send(call, WATCH_SILENCE_MS);
      if (response.statusCode >= 400) throw toStatusError(response.statusCode, await readText(response.body, call, credentials.server), describe(call));
      let rest = '';
      const decoder = new TextDecoder();
      try {
        for await (const chunk of response.body) {
          rest += decoder.decode(chunk as Uint8Array, { stream: true });
          const parts = rest.split('\n');
          rest = parts.pop() ?? '';
          if (rest.length > MAX_LINE_BYTES)
            throw new PlatformError('cluster_rejected', { message: `${describe(call)}: an event is larger than ${MAX_LINE_BYTES} bytes` });
          for (const part of parts) if (part !== '') yield part;
        }
      } catch (cause) {
        throw unreachable(cause, call, credentials.server);
      }
    },
    close: () => credentials.dispatcher.close(),
  };
}

async function readText(body: AsyncIterable<Uint8Array>, call: TransportCall, server: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > MAX_ANSWER_BYTES)
        throw new PlatformError('cluster_rejected', { message: `${describe(call)}: the answer is larger than ${MAX_ANSWER_BYTES} bytes` });
      chunks.push(chunk);
    }
  } catch (cause) {
    throw unreachable(cause, call, server);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const describe = (call: TransportCall): string => `${call.method} ${call.path}`;

function unreachable(cause: unknown, call: TransportCall, server: string): unknown {
  if (isPlatformError(cause)) return cause;
  if (call.signal?.aborted === true) return new PlatformError('cancelled', { message: `${describe(call)} was cancelled`, cause });
  return new PlatformError('cluster_unreachable', {
    message: `${describe(call)}: the API server ${server} did not answer (${cause instanceof Error ? cause.message || cause.name : String(cause)})`,
    cause,
  });
}
