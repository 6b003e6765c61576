import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

export interface LoadResult {
  readonly sent: number;
  readonly statuses: Readonly<Record<number, number>>;
  /** Answers from an endpoint that the picker did not name. */
  readonly wrong: number;
  /** Answers that did not come from the first of the named endpoints. */
  readonly fallbacks: number;
  /** Answers to requests for which nobody has named an endpoint. */
  readonly unnamed: number;
  /** Streams without their end marker. */
  readonly cut: number;
  readonly servedBy: Readonly<Record<string, number>>;
  readonly firstProblem: string | undefined;
  readonly perSecond: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly requests: number;
  readonly concurrency: number;
  /** The body of a request by its number. */
  readonly body: (index: number) => { readonly json: string; readonly stream: boolean };
  /** What a client waits for after a refusal. */
  readonly pauseMs?: number;
}

/** Sends requests through a gateway and compares who has served each with whom the picker had named. */
export async function sendLoad({ url, requests, concurrency, body, pauseMs = 0 }: LoadOptions): Promise<LoadResult> {
  const pool = new Pool(url, { connections: concurrency });
  const statuses: Record<number, number> = {};
  const servedBy: Record<string, number> = {};
  const found = { wrong: 0, fallbacks: 0, unnamed: 0, cut: 0 };
  let firstProblem: string | undefined;
  let next = 0;

  const sendOne = async (): Promise<void> => {
    const { json, stream } = body(next);
    next += 1;
    const answer = await pool.request({ method: 'POST', path: '/v1/chat/completions', headers: { 'content-type': 'application/json' }, body: json });
    const text = await answer.body.text();
    statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
    if (answer.statusCode !== 200) {
      firstProblem ??= `${answer.statusCode}: ${text.slice(0, 300)}`;
      if (pauseMs > 0) await sleep(pauseMs);
      return;
    }
    const served = String(answer.headers['x-test-served']);
    const named = answer.headers['x-test-chosen'];
    servedBy[served] = (servedBy[served] ?? 0) + 1;
    const chosen = typeof named === 'string' && named !== '-' ? named.split(',') : [];
    if (chosen.length === 0) found.unnamed += 1;
    else if (!chosen.includes(served)) found.wrong += 1;
    else if (chosen[0] !== served) found.fallbacks += 1;
    if (stream && !text.endsWith('data: [DONE]\n\n')) found.cut += 1;
  };

  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < requests) await sendOne();
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  await pool.close();
  return { sent: next, statuses, servedBy, ...found, firstProblem, perSecond: Math.round(requests / seconds) };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
