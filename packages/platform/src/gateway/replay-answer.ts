import type { CachedAnswer } from '#cache';
import type { AdmittedCall } from './call.ts';

/** Longest pause and longest sum of pauses of a replay in time. */
const MAX_PAUSE_MS = 2000;
const MAX_PAUSES_MS = 60_000;

export interface ReplayOptions {
  readonly timed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends a kept answer. Throws the reason when the client goes in between; a replay that ends early never has its last piece. */
export async function replayAnswer(call: AdmittedCall, answer: CachedAnswer, options: ReplayOptions): Promise<void> {
  const { sink, lifetime } = call;
  const stream = answer.contentType.startsWith('text/event-stream');
  const bytes = answer.pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
  sink.start(200, {
    'content-type': answer.contentType,
    ...(stream ? { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } : { 'content-length': String(bytes) }),
    ...options.headers,
  });
  const pieces = [...answer.pieces];
  const last = pieces.pop();
  let pausedMs = 0;
  let beforeMs = 0;
  const pauseUntil = async (afterMs: number): Promise<void> => {
    const pauseMs = Math.min(afterMs - beforeMs, MAX_PAUSE_MS, MAX_PAUSES_MS - pausedMs);
    beforeMs = afterMs;
    if (!options.timed || pauseMs <= 0) return;
    pausedMs += pauseMs;
    await lifetime.sleep(pauseMs);
  };
  for (const { afterMs, bytes: piece } of pieces) {
    await pauseUntil(afterMs);
    lifetime.check();
    if (!sink.write(piece)) await drained(call);
  }
  await pauseUntil(last?.afterMs ?? 0);
  lifetime.check();
  sink.end(last?.bytes);
}

/** Resolves when the client has caught up, or has gone. */
function drained(call: AdmittedCall): Promise<void> {
  const time = call.lifetime.begin();
  return new Promise<void>((resolve) => {
    call.sink.onDrain(resolve);
    time.onAbort(() => resolve());
  }).finally(() => time.end());
}
