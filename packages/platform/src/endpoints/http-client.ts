import { PlatformError } from '@maru/api/errors';
import { createUpstream, type Upstream } from '#http';
import type { Clock } from '#time';

interface HttpAsk {
  readonly url: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** Asks engines small things: metrics, model lists, token ids. One kept pool per address. */
export interface HttpClient {
  /** The body of a 2xx answer; throws `upstream_*` for anything else, and for an answer that is too large or too late. */
  ask(request: HttpAsk): Promise<Buffer>;
  close(): Promise<void>;
}

const MAX_ORIGINS = 4096;

export function createHttpClient(clock: Clock): HttpClient {
  const upstreams = new Map<string, Upstream>();
  const closing: Promise<void>[] = [];

  const upstreamOf = (origin: string): Upstream => {
    const known = upstreams.get(origin);
    if (known !== undefined) return known;
    const upstream = createUpstream({ origin, connectTimeoutMs: 5000, headersTimeoutMs: 30_000, bodyTimeoutMs: 30_000, connections: 4 });
    upstreams.set(origin, upstream);
    const [oldest] = upstreams;
    if (upstreams.size > MAX_ORIGINS && oldest !== undefined) {
      upstreams.delete(oldest[0]);
      closing.push(oldest[1].close());
    }
    return upstream;
  };

  return {
    async ask({ url, body, timeoutMs, maxBytes, signal }) {
      const { origin, pathname, search } = new URL(url);
      const late = new AbortController();
      const timer = clock.schedule(timeoutMs, () => late.abort());
      try {
        const reply = await upstreamOf(origin).request({
          method: body === undefined ? 'GET' : 'POST',
          path: pathname + search,
          headers: { accept: '*/*', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)) }),
          cancel: { signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]) },
        });
        const chunks: Uint8Array[] = [];
        let bytes = 0;
        for await (const chunk of reply.body) {
          bytes += chunk.length;
          if (bytes > maxBytes) throw new PlatformError('upstream_garbage', { message: `${url} answers with more than ${maxBytes} bytes` });
          chunks.push(chunk);
        }
        if (reply.status < 200 || reply.status > 299) throw new PlatformError('upstream_garbage', { message: `${url} answers with status ${reply.status}` });
        return Buffer.concat(chunks);
      } catch (error) {
        if (late.signal.aborted) throw new PlatformError('upstream_timeout', { message: `${url} did not answer within ${timeoutMs} ms`, cause: error });
        throw error;
      } finally {
        timer.cancel();
      }
    },
    close: async () => {
      closing.push(...[...upstreams.values()].map((upstream) => upstream.close()));
      upstreams.clear();
      await Promise.allSettled(closing);
    },
  };
}
