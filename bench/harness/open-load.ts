import { performance } from 'node:perf_hooks';
import type { LoadRequest } from './closed-load.ts';
import { RawConnection, rawRequest } from './raw-connection.ts';

export interface OpenLoadOptions {
  readonly perSecond: number;
  readonly seconds: number;
  /** Requests in flight past which the loader itself gives up on new ones, and counts them. */
  readonly maxInFlight: number;
}

export interface OpenLoadReport {
  /** Times of answers with status 200, in milliseconds. */
  readonly okMs: readonly number[];
  /** Times of refusals, in milliseconds. */
  readonly refusedMs: readonly number[];
  /** Refusals by status. */
  readonly refused: ReadonlyMap<number, number>;
  /** Refusals without a `retry-after` header. */
  readonly withoutRetryAfter: number;
  /** Connections that broke, and answers that were not complete. */
  readonly broken: number;
  /** Not sent, because too many were in flight. */
  readonly unsent: number;
  /** How late the loader itself was, in milliseconds, at each of its turns: a part of every time above. */
  readonly loaderLateMs: readonly number[];
}

const TURN_MS = 1;

/** Sends requests by the clock, whatever the answers do: the load of people who do not wait for one another. */
export async function runOpenLoad(url: string, request: LoadRequest, options: OpenLoadOptions): Promise<OpenLoadReport> {
  const target = new URL(url);
  const bytes = rawRequest(target, request);
  const okMs: number[] = [];
  const refusedMs: number[] = [];
  const loaderLateMs: number[] = [];
  const refused = new Map<number, number>();
  const counts = { withoutRetryAfter: 0, broken: 0, unsent: 0 };
  const idle: RawConnection[] = [];
  let running = 0;
  const one = async (connection: RawConnection): Promise<void> => {
    const beganMs = performance.now();
    running += 1;
    const reply = await connection.send(bytes);
    running -= 1;
    const tookMs = performance.now() - beganMs;
    if (reply === undefined) counts.broken += 1;
    else if (reply.status === 200) okMs.push(tookMs);
    else {
      refusedMs.push(tookMs);
      refused.set(reply.status, (refused.get(reply.status) ?? 0) + 1);
      if (!reply.hasRetryAfter) counts.withoutRetryAfter += 1;
    }
    if (connection.isOpen) idle.push(connection);
  };
  const takeIdle = (): RawConnection => {
    for (;;) {
      const connection = idle.pop();
      if (connection === undefined) return new RawConnection(target);
      if (connection.isOpen) return connection;
    }
  };
  const startMs = performance.now();
  let sent = 0;
  let turnMs = startMs;
  for (;;) {
    const nowMs = performance.now();
    loaderLateMs.push(Math.max(0, nowMs - turnMs - TURN_MS));
    turnMs = nowMs;
    const elapsedS = (nowMs - startMs) / 1000;
    if (elapsedS >= options.seconds) break;
    const due = Math.floor(elapsedS * options.perSecond);
    for (; sent < due; sent += 1) {
      if (running >= options.maxInFlight) counts.unsent += 1;
      else void one(takeIdle());
    }
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
  while (running > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const connection of idle) connection.close();
  return { okMs, refusedMs, refused, loaderLateMs, ...counts };
}
