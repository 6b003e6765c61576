import { Readable } from 'node:stream';
import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Dispatcher, Pool } from 'undici';
import { ByteQueue } from './byte-queue.ts';
import { createGuardedLookup, type Resolver, systemResolver } from './guarded-connect.ts';
import { isMetadataAddress } from './metadata-address.ts';

export interface UpstreamOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** A Unix socket of this machine, in place of the host and port of `origin`. */
  readonly socketPath?: string;
  readonly connectTimeoutMs: number;
  /** From the request until the status line. */
  readonly headersTimeoutMs: number;
  /** Longest silence inside an answer. */
  readonly bodyTimeoutMs: number;
  /** Idle connections are kept this long. */
  readonly keepAliveMs?: number;
  /** Connections at once; no limit where absent. */
  readonly connections?: number;
  readonly resolver?: Resolver;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole, in pieces, or in pieces as they arrive. */
  readonly body?: Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array> | undefined;
  readonly cancel: UpstreamCancel;
  readonly watch?: UpstreamWatch;
}

/** How a request is cancelled. */
interface UpstreamCancel {
  /** Read only where there is no `onAbort`. */
  readonly signal: AbortSignal;
  /** Calls back when the signal would fire, at once when it has; making and hearing a signal costs more. */
  readonly onAbort?: ((callback: (reason: unknown) => void) => void) | undefined;
}

/** Looks on while an answer passes, without a wrapper around every chunk. */
export interface UpstreamWatch {
  start?(status: number, headers: UpstreamReply['headers']): void;
  chunk?(chunk: Buffer): void;
  /** At the regular end: returns bytes to append; throws when the answer is not complete. */
  end?(): Uint8Array | undefined;
  /** Once, when the server no longer works on the request, however it ended. */
  finish?(): void;
}

export interface UpstreamReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Fails with `upstream_cut`, `upstream_timeout` or `cancelled`. */
  readonly body: ByteQueue;
}

/** A pool of kept connections to one server. */
export interface Upstream {
  /**
   * Sends one request; resolves when the status line is there. Throws `upstream_unreachable` (refused, unknown name, reset before
   * the answer), `upstream_timeout`, `address_blocked` for the metadata service of a cloud, or `cancelled` at once when the signal fires.
   */
  request(request: UpstreamRequest): Promise<UpstreamReply>;
  close(): Promise<void>;
}

/** Opens no connection before the first request. */
export function createUpstream(options: UpstreamOptions): Upstream {
  let opening: Promise<Pool> | undefined;
  let opened: Pool | undefined;
  let closed = false;
  let hostChecked = false;
  /** The library is a tenth of the time that a start takes, and a platform of built-in engines never needs it. */
  const open = async (): Promise<Pool> => {
    const { Pool } = await import('undici');
    opened = new Pool(options.origin, {
      connections: options.connections ?? null,
      connectTimeout: options.connectTimeoutMs,
      headersTimeout: options.headersTimeoutMs,
      bodyTimeout: options.bodyTimeoutMs,
      keepAliveTimeout: options.keepAliveMs ?? 4000,
      // Model servers stand in private networks, but no model server has a link-local address: that is where a cloud hands out its keys.
      connect:
        options.socketPath === undefined
          ? { lookup: createGuardedLookup(options.resolver ?? systemResolver, (address) => !isMetadataAddress(address)) }
          : { socketPath: options.socketPath },
      allowH2: false,
      pipelining: 1,
    });
    if (closed) await opened.destroy();
    return opened;
  };
  return {
    async request(request) {
      if (!hostChecked) checkHost(options.origin);
      hostChecked = true;
      opening ??= open();
      const pool = opened ?? (await opening);
      return new Promise((resolve, reject) => dispatch(pool, { request, origin: options.origin, resolve, reject }));
    },
    async close() {
      closed = true;
      await (await opening)?.destroy();
    },
  };
}

interface Exchange {
  readonly request: UpstreamRequest;
  readonly origin: string;
  readonly resolve: (reply: UpstreamReply) => void;
  readonly reject: (error: unknown) => void;
}

function dispatch(pool: Pool, exchange: Exchange): void {
  const { request, origin } = exchange;
  const { watch } = request;
  let controller: Dispatcher.DispatchController | undefined;
  let body: ByteQueue | undefined;
  let finished = false;

  const finish = (): void => {
    finished = true;
    stopListening?.();
    watch?.finish?.();
  };
  const stop = (error: Error): void => {
    if (finished) return;
    finish();
    controller?.abort(error);
    if (body === undefined) exchange.reject(error);
    else body.fail(error);
  };
  let stopListening: (() => void) | undefined;
  const { cancel } = request;
  if (cancel.onAbort === undefined) stopListening = listenTo(cancel.signal, (reason) => stop(abortError(reason)));
  else cancel.onAbort((reason) => stop(abortError(reason)));
  if (finished) return;

  pool.dispatch(
    { method: request.method, path: request.path, headers: headersOf(request), body: toBody(request.body) },
    {
      onRequestStart(started) {
        controller = started;
        if (finished) started.abort(new PlatformError('cancelled', { message: 'the request was cancelled' }));
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return;
        body = new ByteQueue({
          onPause: () => controller?.pause(),
          onResume: () => controller?.resume(),
          onCancel: () => stop(new PlatformError('cancelled', { message: 'the reader stopped before the end of the answer' })),
        });
        watch?.start?.(status, headers);
        exchange.resolve({ status, headers, body });
      },
      onResponseData(_controller, chunk) {
        if (finished) return;
        watch?.chunk?.(chunk);
        body?.push(chunk);
      },
      onResponseEnd() {
        if (finished) return;
        finish();
        try {
          const more = watch?.end?.();
          if (more !== undefined) body?.push(Buffer.from(more));
          body?.end();
        } catch (error) {
          body?.fail(error);
        }
      },
      onResponseError(_controller, error) {
        if (finished) return;
        finish();
        const mapped = mapError(error, origin, body !== undefined);
        if (body === undefined) exchange.reject(mapped);
        else body.fail(mapped);
      },
    },
  );
}

function toBody(body: UpstreamRequest['body']): Uint8Array | Readable | null {
  if (body === undefined || body instanceof Uint8Array) return body ?? null;
  // The library takes anything that can be walked over, which its types do not say; a stream around the pieces would cost as much as joining them.
  if (isPieces(body)) return body as unknown as Readable;
  return Readable.from(body, { objectMode: false });
}

const isPieces = (body: UpstreamRequest['body']): body is readonly Uint8Array[] => Array.isArray(body);

/** Of pieces the length is known, so that they need no chunks on the wire. */
function headersOf({ headers, body }: UpstreamRequest): Readonly<Record<string, string>> {
  if (!isPieces(body)) return headers;
  return { ...headers, 'content-length': String(body.reduce((sum, piece) => sum + piece.length, 0)) };
}

/** What no lookup sees: an address that is written as numbers. */
function checkHost(origin: string): void {
  const { hostname } = new URL(origin);
  if (isMetadataAddress(hostname)) {
    throw new PlatformError('address_blocked', { message: `${hostname} is an address of a cloud's metadata service, where no model server can be` });
  }
}

/** Calls back when the signal fires, at once when it has; returns the way to stop listening. */
function listenTo(signal: AbortSignal, callback: (reason: unknown) => void): () => void {
  const onAbort = (): void => callback(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

function abortError(reason: unknown): PlatformError {
  return isPlatformError(reason) ? reason : new PlatformError('cancelled', { message: 'the request was cancelled', cause: reason });
}

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

function mapError(error: Error, origin: string, answered: boolean): PlatformError {
  if (isPlatformError(error)) return error;
  if (isPlatformError(error.cause)) return error.cause;
  const code = String((error as { code?: unknown }).code ?? '');
  if (TIMEOUTS.has(code)) return new PlatformError('upstream_timeout', { message: `${origin} did not answer in time`, cause: error });
  if (error.name === 'HTTPParserError' || code.startsWith('HPE_'))
    return new PlatformError('upstream_garbage', { message: `${origin} does not speak HTTP`, cause: error });
  if (answered) return new PlatformError('upstream_cut', { message: `${origin} closed the connection before the end of its answer`, cause: error });
  return new PlatformError('upstream_unreachable', { message: `${origin} could not be reached (${code === '' ? error.name : code})`, cause: error });
}
