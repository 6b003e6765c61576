import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { twinProfile } from './profile.ts';
import { createTwinCore } from './twin-core.ts';
import { createTwinDriver } from './twin-driver.ts';

const profile = twinProfile('h100-llama-3.1-8b');

function setUp(speed = 1) {
  const clock = createFakeClock();
  const core = createTwinCore({ profile, kvBlocks: 100 });
  const driver = createTwinDriver({ core, clock, speed, requestOverheadMs: profile.requestOverheadMs });
  const tokens: number[] = [];
  const ends: number[] = [];
  const listener = {
    onToken: (_sequence: unknown, atMs: number) => void tokens.push(atMs),
    onFinish: (_sequence: unknown, atMs: number) => void ends.push(atMs),
  };
  return { clock, core, driver, tokens, ends, listener };
}

describe('twin driver', () => {
  it('gives every token at the time of the profile, whatever the timers of the clock do', async () => {
    const { clock, driver, tokens, ends, listener } = setUp();
    driver.submit({ promptTokens: 128, outputTokens: 3, hashes: [], listener });

    await clock.advance(1000);

    expect(tokens.map((atMs) => Math.round(atMs * 10) / 10)).toEqual([15, 21.9, 28.9]);
    expect(ends).toEqual([tokens[2]]);
  });

  it('lets time pass faster by its speed', async () => {
    const { clock, driver, tokens, listener } = setUp(10);
    driver.submit({ promptTokens: 128, outputTokens: 3, hashes: [], listener });

    await clock.advance(1000);

    expect(tokens.map((atMs) => Math.round(atMs * 100) / 100)).toEqual([1.5, 2.19, 2.89]);
  });

  it('starts again after it was idle', async () => {
    const { clock, driver, ends, listener } = setUp();
    driver.submit({ promptTokens: 10, outputTokens: 1, hashes: [], listener });
    await clock.advance(500);
    expect(clock.pending()).toBe(0);

    driver.submit({ promptTokens: 10, outputTokens: 1, hashes: [], listener });
    await clock.advance(500);

    expect(ends.map((atMs) => Math.round(atMs))).toEqual([15, 515]);
  });

  it('forgets a request that is aborted before it reached the scheduler', async () => {
    const { clock, core, driver, tokens, listener } = setUp();
    const abort = driver.submit({ promptTokens: 10, outputTokens: 1, hashes: [], listener });
    expect(driver.arriving()).toBe(1);

    abort();
    await clock.advance(500);

    expect([driver.arriving(), tokens.length, core.queues.waiting.length]).toEqual([0, 0, 0]);
  });

  it('tells a listener nothing more of a sequence that another listener has aborted in the same step', async () => {
    const { clock, driver, tokens, listener } = setUp();
    let abortOther = (): void => undefined;
    driver.submit({ promptTokens: 10, outputTokens: 5, hashes: [], listener: { onToken: () => abortOther(), onFinish: () => undefined } });
    abortOther = driver.submit({ promptTokens: 10, outputTokens: 5, hashes: [], listener });

    await clock.advance(500);

    expect(tokens).toEqual([]);
  });

  it('refuses at once what can never fit', () => {
    const { driver, listener } = setUp();

    expect(() => driver.submit({ promptTokens: 1600, outputTokens: 1, hashes: [], listener })).toThrow(
      expect.objectContaining({ code: 'context_length_exceeded' }),
    );
  });

  it('stops all timers and frees all memory when it is closed', async () => {
    const { clock, core, driver, listener } = setUp();
    driver.submit({ promptTokens: 100, outputTokens: 50, hashes: [], listener });
    await clock.advance(30);
    driver.submit({ promptTokens: 100, outputTokens: 50, hashes: [], listener });

    driver.close();

    expect([clock.pending(), core.kv.freeBlocks]).toEqual([0, 100]);
  });

  it('computes nothing while it hangs, and goes on where it was', async () => {
    const { clock, driver, tokens, ends, listener } = setUp();
    driver.submit({ promptTokens: 128, outputTokens: 3, hashes: [], listener });
    await clock.advance(16);

    driver.pace(0);
    expect(driver.pass()).toBeUndefined();
    driver.submit({ promptTokens: 128, outputTokens: 1, hashes: [], listener });
    await clock.advance(10_000);
    // The step that was in progress has ended.
    expect(tokens).toHaveLength(2);

    driver.pace(1);
    expect(driver.pass()?.work).toMatchObject({ decodeSequences: 1, prefillTokens: 128 });
    await clock.advance(1000);
    expect(tokens).toHaveLength(4);
    expect(ends.every((atMs) => atMs > 10_000)).toBe(true);
  });

  it('is slow from the next step on', async () => {
    const { clock, driver, tokens, listener } = setUp();
    driver.submit({ promptTokens: 128, outputTokens: 4, hashes: [], listener });
    await clock.advance(16);
    driver.pace(0.5);

    await clock.advance(1000);

    const gaps = tokens.slice(1).map((atMs, index) => atMs - (tokens[index] ?? 0));
    expect(gaps[1]).toBeCloseTo((gaps[0] ?? 0) * 2, 1);
  });
});
