import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { createRouter, type Observation } from '../router.ts';

function setUp() {
  const clock = createFakeClock();
  const router = createRouter({ clock, ids: createSeededIds() });
  const endpoints = ['a', 'b'].map((endpoint) => ({ endpoint, load: () => ({ running: 0, waiting: 0 }) }));
  let number = 0;
  const send = (tried: readonly string[], observation: Observation, text?: string) => {
    number += 1;
    const facts = promptFactsOf({ prompt: text ?? `${number} prompt `.repeat(400) });
    const { decision } = router.pickEndpoint({ requestId: 'r', traceId: 't', route: 'm', model: 'm', facts, tried }, endpoints);
    router.observe(decision.id, observation);
    return decision;
  };
  const of = (endpoint: string) => router.calibration().find((each) => each.endpoint === endpoint);
  return { clock, router, send, of };
}

const failed = { outcome: 'error' } as const;
const worked = { outcome: 'ok' } as const;

describe('endpoints that fail', () => {
  it('rest after three failures in a row and come back after five seconds', async () => {
    const { clock, send, of } = setUp();
    for (let turn = 0; turn < 3; turn += 1) send(['b'], failed);
    expect(of('a')?.coolingDown).toBe(true);

    const meanwhile = send([], worked);
    await clock.advance(5001);

    expect(meanwhile.chosen).toBe('b');
    expect(meanwhile.candidates[0]?.removedBy).toBe('cooling-down');
    expect(of('a')?.coolingDown).toBe(false);
    expect(send(['b'], worked).chosen).toBe('a');
  });

  it('rest longer after one more failure, and at once', async () => {
    const { clock, send, of } = setUp();
    for (let turn = 0; turn < 3; turn += 1) send(['b'], failed);
    await clock.advance(5001);

    send(['b'], failed);
    await clock.advance(5001);

    expect(of('a')?.coolingDown).toBe(true);
    await clock.advance(5000);
    expect(of('a')?.coolingDown).toBe(false);
  });

  it('do not rest when a success lies between the failures, or when clients cancel', () => {
    const { send, of } = setUp();
    for (const outcome of ['error', 'error', 'ok', 'error', 'error', 'cancelled', 'cancelled'] as const) send(['b'], { outcome });

    expect(of('a')?.coolingDown).toBe(false);
  });

  it('are tried all the same when all of them rest', () => {
    const { send } = setUp();
    for (let turn = 0; turn < 3; turn += 1) {
      send(['b'], failed);
      send(['a'], failed);
    }

    expect(['a', 'b']).toContain(send([], worked).chosen);
  });
});

describe('what is learned', () => {
  it('is how slow an endpoint is against the prediction, within a factor of ten', () => {
    const { send, of } = setUp();
    for (let turn = 0; turn < 60; turn += 1) send(['b'], { ...worked, ttftMs: 1e9 });
    for (let turn = 0; turn < 60; turn += 1) send(['a'], { ...worked, ttftMs: 0 });

    expect(of('a')?.slowness).toBeCloseTo(10, 0);
    expect(of('b')?.slowness).toBeCloseTo(0.1, 1);
  });

  it('is nothing when a short prompt is answered in the time that every first token takes', () => {
    const { send, of } = setUp();
    for (let turn = 0; turn < 30; turn += 1) send(['b'], { ...worked, ttftMs: 15 }, 'Hi');

    expect(of('a')?.slowness).toBeGreaterThan(0.9);
    expect(of('a')?.slowness).toBeLessThan(1.1);
  });

  it('is kept apart per endpoint, and forgotten with it', () => {
    const { router, send, of } = setUp();
    for (let turn = 0; turn < 20; turn += 1) send(['b'], { ...worked, ttftMs: 500 }, 'Hi');
    expect(of('a')?.slowness).toBeGreaterThan(5);
    expect(of('b')?.slowness).toBe(1);

    router.forget('a');

    expect(of('a')).toBeUndefined();
    send(['b'], worked);
    expect(of('a')?.slowness).toBe(1);
  });

  it('is how much of a match is really found, which lowers the next expectation', () => {
    const { send, of } = setUp();
    const text = 'the same long text '.repeat(400);
    send([], { ...worked, realisedCachedTokens: 0 }, text);
    let first = send([], { ...worked, realisedCachedTokens: 900 }, text);
    const before = first.expectedCachedTokens;
    for (let turn = 0; turn < 40; turn += 1) first = send([], { ...worked, realisedCachedTokens: 900 }, text);

    expect(before).toBeGreaterThan(1500);
    expect(first.expectedCachedTokens).toBeLessThan(1000);
    expect(first.expectedCachedTokens).toBeGreaterThan(850);
    expect(of(first.chosen)?.hitError).toBeLessThan(0.2);
  });

  it('is that an engine has lost its cache, after three matches that found nothing', () => {
    const { send, of } = setUp();
    const text = 'the same long text '.repeat(400);
    const home = send([], worked, text).chosen;
    const other = home === 'a' ? 'b' : 'a';
    for (let turn = 0; turn < 3; turn += 1) expect(send([other], { ...worked, realisedCachedTokens: 0 }, text).chosen).toBe(home);

    for (let turn = 0; turn < 3; turn += 1) send([], { ...worked, realisedCachedTokens: 0 }, text);

    expect(of(home)?.indexBlocks).toBe(0);
    expect(of(home)?.trust).toBe(1);
  });

  it('has no error before anything was joined', () => {
    const { send, of } = setUp();
    send([], worked);

    expect(of('a')?.hitError).toBeNull();
  });
});
