import { describe, expect, it } from 'vitest';
import type { CachedAnswer } from '#cache';
import { createFakeClock, type FakeClock } from '#time';
import type { AdmittedCall } from './call.ts';
import type { ClientSink } from './client-sink.ts';
import { Lifetime } from './lifetime.ts';
import { replayAnswer } from './replay-answer.ts';

const pieces = (...afterMs: readonly number[]): CachedAnswer['pieces'] => afterMs.map((ms, index) => ({ afterMs: ms, bytes: Buffer.from(`${index}`) }));

/** What a client sees of a replay, with the time of each piece. */
async function replay(given: CachedAnswer['pieces'], timed: boolean): Promise<readonly [number, string][]> {
  const clock: FakeClock = createFakeClock();
  const seen: [number, string][] = [];
  const beganMs = clock.monotonicMs();
  const take = (bytes: Uint8Array): void => void seen.push([clock.monotonicMs() - beganMs, Buffer.from(bytes).toString()]);
  let over = false;
  const sink: ClientSink = {
    hasStarted: () => false,
    carriesEvents: () => true,
    start: () => undefined,
    write: (bytes) => {
      take(bytes);
      return true;
    },
    onDrain: () => undefined,
    end: (bytes) => {
      if (bytes !== undefined) take(bytes);
      over = true;
    },
    cut: () => undefined,
  };
  const call = { sink, lifetime: new Lifetime(clock) } as unknown as AdmittedCall;
  const answer = { contentType: 'text/event-stream', pieces: given } as unknown as CachedAnswer;
  const replayed = replayAnswer(call, answer, { timed, headers: {} });
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(10);
  }
  await replayed;
  return seen;
}

describe('a replay', () => {
  it('gives a stream again with the pauses that it had', async () => {
    expect(await replay(pieces(0, 100, 130, 400), true)).toEqual([
      [0, '0'],
      [100, '1'],
      [130, '2'],
      [400, '3'],
    ]);
  });

  it('gives it at once where nobody wants the pauses', async () => {
    expect((await replay(pieces(0, 100, 130, 400), false)).map(([ms]) => ms)).toEqual([0, 0, 0, 0]);
  });

  it('makes no pause longer than two seconds, and not more than a minute of them', async () => {
    const seen = await replay(pieces(...Array.from({ length: 50 }, (_, index) => index * 5000)), true);

    expect(seen.slice(0, 3).map(([ms]) => ms)).toEqual([0, 2000, 4000]);
    expect(seen.at(-1)?.[0]).toBe(60_000);
    expect(seen).toHaveLength(50);
  });
});
