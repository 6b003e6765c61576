import { PlatformError } from '@maru/api/errors';
import { createUpstream, type Upstream, type UpstreamReply } from '#http';

export interface TargetOptions {
  readonly endpoint: string;
  readonly operation: 'chat' | 'completions';
  readonly key?: string | undefined;
  readonly timeoutMs: number;
}

/** The server under test. */
export interface Target {
  /** Without credentials, as it may be shown. */
  readonly url: string;
  /** Sends a request for an answer; throws as {@link Upstream} does. */
  generate(body: Uint8Array, signal: AbortSignal): Promise<UpstreamReply>;
  models(signal: AbortSignal): Promise<UpstreamReply>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a server by its address, with or without `/v1`; throws `usage` for an address that is none. */
export function openTarget(options: TargetOptions): Target {
  const url = parseUrl(options.endpoint);
  const base = url.pathname.replace(/\/+$/, '');
  const path = /\/v\d+$/.test(base) ? base : `${base}/v1`;
  const upstream: Upstream = createUpstream({
    origin: url.origin,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    headersTimeoutMs: options.timeoutMs,
    bodyTimeoutMs: options.timeoutMs,
  });
  const headers = options.key === undefined ? {} : { authorization: `Bearer ${options.key}` };
  return {
    url: `${url.origin}${base}`,
    generate: (body, signal) =>
      upstream.request({
        method: 'POST',
        path: `${path}/${options.operation === 'chat' ? 'chat/completions' : 'completions'}`,
        headers: { ...headers, 'content-type': 'application/json', accept: 'text/event-stream, application/json' },
        body,
        cancel: { signal },
      }),
    models: (signal) => upstream.request({ method: 'GET', path: `${path}/models`, headers: { ...headers, accept: 'application/json' }, cancel: { signal } }),
    close: () => upstream.close(),
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new PlatformError('usage', { message: `"${text}" is not the address of a server: want one such as http://localhost:8000` });
}
