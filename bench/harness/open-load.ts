import { performance } from 'node:perf_hooks';
import { Agent } from 'undici';
import type { LoadRequest } from './closed-load.ts';

export interface OpenLoadOptions {
  readonly perSecond: number;
  readonly seconds: number;
  /** Requests in flight past which the loader itself gives up on new ones, and counts them. */
  readonly maxInFlight: number;
}

export interface OpenLoadReport {
  /** Times of answers with status 200, in milliseconds. */
  readonly okMs: readonly number[];
  /** Refusals by status. */
  readonly refused: ReadonlyMap<number, number>;
  /** Refusals without a `retry-after` header. */
  readonly withoutRetryAfter: number;
  /** Connections that broke, and answers that were not complete. */
  readonly broken: number;
  /** Not sent, because too many were in flight. */
  readonly unsent: number;
}

/** Sends requests by the clock, whatever the answers do: the load of people who do not wait for one another. */
export async function runOpenLoad(url: string, request: LoadRequest, options: OpenLoadOptions): Promise<OpenLoadReport> {
  const agent = new Agent({ connections: options.maxInFlight, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const body = Buffer.from(request.body);
  const headers = { 'content-type': 'application/json', ...request.headers };
  const okMs: number[] = [];
  const refused = new Map<number, number>();
  const counts = { withoutRetryAfter: 0, broken: 0, unsent: 0 };
  const running = new Set<Promise<void>>();
  const one = async (): Promise<void> => {
    const beganMs = performance.now();
    try {
      const reply = await agent.request({ origin: url, method: 'POST', path: request.path, headers, body });
      await reply.body.dump({ limit: 50_000_000 });
      if (reply.statusCode === 200) okMs.push(performance.now() - beganMs);
      else {
        refused.set(reply.statusCode, (refused.get(reply.statusCode) ?? 0) + 1);
        if (reply.headers['retry-after'] === undefined) counts.withoutRetryAfter += 1;
      }
    } catch {
      counts.broken += 1;
    }
  };
  const startMs = performance.now();
  let sent = 0;
  for (;;) {
    const elapsedS = (performance.now() - startMs) / 1000;
    if (elapsedS >= options.seconds) break;
    const due = Math.floor(elapsedS * options.perSecond);
    for (; sent < due; sent += 1) {
      if (running.size >= options.maxInFlight) {
        counts.unsent += 1;
        continue;
      }
      const call = one().finally(() => running.delete(call));
      running.add(call);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(running);
  await agent.close();
  return { okMs, refused, ...counts };
}
