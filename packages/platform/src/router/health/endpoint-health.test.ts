import type { FailureClass } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndpointHealth } from './endpoint-health.ts';
import { DEFAULT_HEALTH, type HealthSettings } from './health-settings.ts';

function run(outcomes: readonly (FailureClass | 'ok')[], more: Partial<HealthSettings> & { retryAfterMs?: number; everyMs?: number } = {}) {
  const health = new EndpointHealth();
  let nowMs = 0;
  for (const outcome of outcomes) {
    nowMs += more.everyMs ?? 0;
    health.begin();
    health.note({ failure: outcome === 'ok' ? undefined : outcome, retryAfterMs: more.retryAfterMs }, nowMs, { ...DEFAULT_HEALTH, ...more });
  }
  return { health, nowMs };
}
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

describe('the breaker of an endpoint', () => {
  it('opens after as many failures in a row as are allowed', () => {
    expect(run(['timeout', 'serverError']).health.resting(0)).toBe(false);
    expect(run(['timeout', 'serverError', 'connection']).health.resting(0)).toBe(true);
    expect(run(['timeout', 'serverError', 'ok', 'connection']).health.resting(0)).toBe(false);
    expect(run(['timeout'], { allowedFails: 1 }).health.restUntilMs).toBe(5000);
  });

  it('opens at once for what the next request would meet too, as long as the upstream asks', () => {
    expect(run(['rateLimit']).health.restUntilMs).toBe(5000);
    expect(run(['rateLimit'], { retryAfterMs: 20_000 }).health.restUntilMs).toBe(20_000);
    expect(run(['rateLimit'], { retryAfterMs: 9e9 }).health.restUntilMs).toBe(300_000);
    expect(run(['authentication']).health.resting(0)).toBe(true);
    expect(run(['notFound']).health.resting(0)).toBe(true);
  });

  it('does not mind requests that are wrong in themselves', () => {
    expect(run([...times(20, 'badRequest' as const), ...times(20, 'contextWindow' as const), 'contentPolicy']).health.resting(0)).toBe(false);
    expect(run(['timeout', 'timeout', 'badRequest', 'timeout']).health.resting(0)).toBe(false);
  });

  it('counts classes apart where the route says how many it allows', () => {
    const settings = { allowedFailsPer: { rateLimit: 2 } };
    expect(run(['rateLimit', 'ok', 'rateLimit', 'ok'], settings).health.resting(0)).toBe(false);
    expect(run(['rateLimit', 'ok', 'rateLimit', 'ok', 'rateLimit'], settings).health.resting(0)).toBe(true);
    expect(run(['rateLimit', 'rateLimit', 'rateLimit'], { ...settings, windowMs: 1000, everyMs: 2000 }).health.resting(6000)).toBe(false);
  });

  it('ejects an outlier: more failures than half of the last requests', () => {
    const flapping = Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? ('ok' as const) : ('serverError' as const)));
    const { health } = run(flapping);

    expect(health.resting(0)).toBe(true);
    expect(health.outlier).toBe(true);
    expect(run(flapping, { errorRate: 0.9 }).health.resting(0)).toBe(false);
    expect(run(flapping, { minRequests: 50 }).health.resting(0)).toBe(false);
  });

  it('rests twice as long when its trial fails, up to a bound, and forgets that when it works', () => {
    const health = new EndpointHealth();
    let nowMs = 0;
    const rests: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      if (turn === 0) for (let failure = 0; failure < 3; failure += 1) health.note({ failure: 'timeout', retryAfterMs: undefined }, nowMs);
      else health.note({ failure: 'timeout', retryAfterMs: undefined }, nowMs);
      rests.push(health.restUntilMs - nowMs);
      nowMs = health.restUntilMs;
    }
    expect(rests).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);

    health.note({ failure: undefined, retryAfterMs: undefined }, nowMs);
    for (let failure = 0; failure < 3; failure += 1) health.note({ failure: 'timeout', retryAfterMs: undefined }, nowMs);

    expect(health.restUntilMs - nowMs).toBe(5000);
  });

  it('lets one request try it after its rest', () => {
    const { health } = run(times(3, 'timeout' as const));
    expect(health.onTrial(6000)).toBe(false);
    health.begin();
    expect(health.onTrial(6000)).toBe(true);
    health.forgetTrial();
    expect(health.onTrial(6000)).toBe(false);
  });

  it('comes back slowly: a tenth at first, all of it after its slow start', () => {
    const { health } = run(times(3, 'timeout' as const));
    health.note({ failure: undefined, retryAfterMs: undefined }, 5000);

    expect(health.resting(5000)).toBe(false);
    expect(health.share(5000)).toBeCloseTo(0.1);
    expect(health.share(10_000)).toBeCloseTo(0.55);
    expect(health.share(15_000)).toBe(1);
    expect(new EndpointHealth().share(0)).toBe(1);
  });

  it('says for people what it is: closed, open, half-open, returning', () => {
    const { health, nowMs } = run(times(3, 'timeout' as const));

    expect(new EndpointHealth().describe(0)).toEqual({ state: 'closed', ejected: false, restsMs: 0, failures: 0, share: 1 });
    expect(health.describe(nowMs)).toMatchObject({ state: 'open', ejected: false, restsMs: 5000, failures: 3 });
    expect(health.describe(nowMs + 5000).state).toBe('half-open');
    health.note({ failure: undefined, retryAfterMs: undefined }, nowMs + 5000);
    expect(health.describe(nowMs + 5000)).toMatchObject({ state: 'returning', failures: 0 });
    expect(health.describe(nowMs + 15_000).state).toBe('closed');
  });

  it('never rests where resting is switched off', () => {
    expect(run(times(50, 'timeout' as const), { cooldownMs: 0 }).health.resting(0)).toBe(false);
  });

  it('always comes back in bounded time, whatever happened', () => {
    const outcome = fc.constantFrom<(FailureClass | 'ok')[]>('ok', 'timeout', 'rateLimit', 'serverError', 'badRequest', 'notFound');
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 80 }), fc.nat(4000), (outcomes, everyMs) => {
        const { health, nowMs } = run(outcomes, { everyMs });
        expect(health.resting(nowMs + 60_001)).toBe(false);
        expect(health.share(nowMs + 10_001)).toBe(1);
      }),
      { numRuns: 200 },
    );
  });
});
