import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Agent, Dispatcher } from 'undici';
import type { Clock } from '#time';
import { decodeBody } from './decode-body.ts';
import { checkUrl, createGuardedLookup, type Resolver, systemResolver } from './guarded-connect.ts';
import { isPublicAddress } from './public-address.ts';

export interface GuardedFetchOptions {
  readonly clock: Clock;
  /** Hosts that may be reached, also as `*.example.com`; every public one where empty or absent. */
  readonly allowHosts?: readonly string[];
  /** Hosts that may be reached although they are private. */
  readonly privateHosts?: readonly string[];
  /** Most bytes of a body that are read; 1 MiB by default. */
  readonly maxBytes?: number;
  /** For the whole exchange with all its redirects; 10 s by default. */
  readonly timeoutMs?: number;
  readonly resolver?: Resolver;
}

export interface GuardedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Narrows the hosts of the options further; empty means no further limit. */
  readonly allowHosts?: readonly string[];
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

export interface GuardedReply {
  readonly status: number;
  /** The address after redirects. */
  readonly url: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** The body was longer than `maxBytes`. */
  readonly truncated: boolean;
}

/** A fetch for addresses that a model or a stranger chose. */
export interface GuardedFetch {
  /**
   * Throws `address_blocked` for private networks, other schemes, credentials in the address and hosts that are not allowed, on every
   * redirect again; `upstream_*` when there is no answer; `cancelled` when the signal fires.
   */
  fetch(request: GuardedRequest, signal: AbortSignal): Promise<GuardedReply>;
  close(): Promise<void>;
}

const MAX_REDIRECTS = 5;
const NEVER_SENT = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'proxy-authorization']);
const STAYS_HOME = new Set(['authorization', 'cookie', 'x-api-key']);

/** @example await createGuardedFetch({ clock }).fetch({ url: 'https://example.com/', method: 'GET' }, signal); */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const isExempt = (hostname: string): boolean => matchesHost(options.privateHosts ?? [], hostname);
  let opening: Promise<{ readonly agent: Agent; readonly send: typeof import('undici').request }> | undefined;
  let closed = false;
  const open = async (): Promise<Awaited<NonNullable<typeof opening>>> => {
    const { Agent, request } = await import('undici');
    const agent = new Agent({
      connect: {
        lookup: createGuardedLookup(options.resolver ?? systemResolver, (address, hostname) => isExempt(hostname) || isPublicAddress(address)),
        timeout: 10_000,
      },
      allowH2: false,
      keepAliveTimeout: 1000,
      maxHeaderSize: 32 * 1024,
    });
    if (closed) await agent.destroy();
    return { agent, send: request };
  };

  const checkHost = (url: URL, request: GuardedRequest): void => {
    checkUrl(url, isExempt);
    for (const list of [options.allowHosts ?? [], request.allowHosts ?? []]) {
      if (list.length > 0 && !matchesHost(list, url.hostname)) {
        throw new PlatformError('address_blocked', {
          message: `the host ${url.hostname} is not in the list of allowed hosts`,
          details: { host: url.hostname },
        });
      }
    }
  };

  const follow = async (request: GuardedRequest, signal: AbortSignal): Promise<GuardedReply> => {
    let url = parseUrl(request.url);
    let { method, body } = request;
    let headers = cleanHeaders(request.headers ?? {});
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      checkHost(url, request);
      opening ??= open();
      const { agent, send } = await opening;
      const reply = await send(url, { dispatcher: agent, method, headers, body: body ?? null, signal });
      const location = reply.headers['location'];
      if (reply.statusCode < 300 || reply.statusCode > 399 || reply.statusCode === 304 || typeof location !== 'string') {
        return readReply(reply, { url, maxBytes: request.maxBytes ?? options.maxBytes ?? 1024 * 1024 });
      }
      await reply.body.dump({ limit: 4096, signal }).catch(() => undefined);
      const next = parseUrl(location, url);
      if (next.origin !== url.origin) headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !STAYS_HOME.has(name)));
      if (reply.statusCode < 307) {
        method = 'GET';
        body = undefined;
      }
      url = next;
    }
    throw new PlatformError('upstream_garbage', { message: `${request.url} leads through more than ${MAX_REDIRECTS} redirects` });
  };

  return {
    async fetch(request, signal) {
      const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? 10_000;
      const controller = new AbortController();
      const cancel = (): void => controller.abort(new PlatformError('cancelled', { message: 'the request was cancelled' }));
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
      const timer = options.clock.schedule(timeoutMs, () =>
        controller.abort(new PlatformError('upstream_timeout', { message: `${hostOf(request.url)} did not answer within ${timeoutMs} ms` })),
      );
      try {
        return await follow(request, controller.signal);
      } catch (thrown) {
        throw controller.signal.aborted ? controller.signal.reason : toUpstreamError(thrown, request.url);
      } finally {
        timer.cancel();
        signal.removeEventListener('abort', cancel);
      }
    },
    async close() {
      closed = true;
      await (await opening)?.agent.destroy();
    },
  };
}

async function readReply(reply: Dispatcher.ResponseData, limits: { readonly url: URL; readonly maxBytes: number }): Promise<GuardedReply> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limits.maxBytes) break;
  }
  const raw = Buffer.concat(chunks, size);
  const truncated = size > limits.maxBytes;
  const encoding = reply.headers['content-encoding'];
  const packed = typeof encoding === 'string' && encoding !== 'identity';
  if (packed && truncated) throw new PlatformError('upstream_garbage', { message: `${limits.url.host} sent a packed answer that is too large to unpack` });
  const body = packed ? await decodeBody(raw, encoding, limits.maxBytes) : raw.subarray(0, limits.maxBytes);
  return { status: reply.statusCode, url: limits.url.href, contentType: String(reply.headers['content-type'] ?? ''), body, truncated };
}

function toUpstreamError(thrown: unknown, url: string): PlatformError {
  for (let error = thrown; error instanceof Error || isPlatformError(error); error = error.cause) {
    if (isPlatformError(error)) return error;
  }
  const code = String((thrown as { code?: unknown } | undefined)?.code ?? 'no answer');
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return new PlatformError('upstream_timeout', { message: `${hostOf(url)} did not answer in time`, cause: thrown });
  return new PlatformError('upstream_unreachable', { message: `${hostOf(url)} could not be reached (${code})`, cause: thrown });
}

function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch (cause) {
    throw new PlatformError('invalid_request', { message: 'the address is not a valid URL', cause });
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'the address');

const cleanHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> => ({
  'accept-encoding': 'identity',
  'user-agent': 'maru',
  ...Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value])
      .filter(([name]) => name !== undefined && !NEVER_SENT.has(name)),
  ),
});

function matchesHost(list: readonly string[], hostname: string): boolean {
  const host = hostname.toLowerCase();
  return list.some((entry) => {
    const wanted = entry.toLowerCase();
    return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
  });
}
