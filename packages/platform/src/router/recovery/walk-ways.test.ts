import { FAILURE_CLASSES, type FailureClass } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelChoice } from '../choose-model/choose-model.ts';
import { DEFAULT_RECOVERY, type RecoverySettings } from './recovery-settings.ts';
import { type WalkOptions, type WayFailure, walkWays } from './walk-ways.ts';

const way = (model: string, role: ModelChoice['role'] = 'fallback'): ModelChoice => ({ model, reason: model, role });

function walk(models: readonly string[], settings: Partial<RecoverySettings> = {}, more: Partial<WalkOptions> = {}) {
  return walkWays({
    ways: models.map((model, at) => way(model, at === 0 ? 'backend' : 'fallback')),
    settings: { ...DEFAULT_RECOVERY, ...settings },
    special: () => [],
    isLarger: () => true,
    random: () => 1,
    ...more,
  });
}

const failed = (failure: FailureClass, more: Partial<WayFailure> = {}): WayFailure => ({ failure, freshEndpoint: false, ...more });

describe('the ways of a request', () => {
  it('begin with the first and retry it with growing waits before the next', () => {
    const ways = walk(['a', 'b'], { attempts: 3 });

    expect(ways.current()?.model).toBe('a');
    expect([1, 2, 3, 4].map(() => ways.next(failed('serverError'))).map((next) => [next?.way.model, next?.delayMs])).toEqual([
      ['a', 100],
      ['a', 200],
      ['a', 400],
      ['b', 0],
    ]);
  });

  it('retry at once at an endpoint that the request has not been at', () => {
    expect(walk(['a', 'b']).next(failed('timeout', { freshEndpoint: true }))).toEqual({ way: way('a', 'backend'), delayMs: 0 });
  });

  it('never wait longer than allowed', () => {
    const ways = walk(['a'], { attempts: 10, maxBackoffMs: 300 });
    for (let turn = 0; turn < 10; turn += 1) expect(ways.next(failed('timeout'))?.delayMs).toBeLessThanOrEqual(300);
    expect(ways.next(failed('timeout'))).toBeUndefined();
  });

  it('count the classes apart where the route says so', () => {
    const ways = walk(['a', 'b'], { attempts: 1, per: { timeout: 0, serverError: 2 } });

    expect(ways.next(failed('serverError'))?.way.model).toBe('a');
    expect(ways.next(failed('serverError'))?.way.model).toBe('a');
    expect(ways.next(failed('timeout'))?.way.model).toBe('b');
  });

  it('wait as long as the upstream asks, up to a bound; then they go elsewhere', () => {
    expect(walk(['a', 'b']).next(failed('rateLimit', { retryAfterMs: 2000 }))).toMatchObject({ way: { model: 'a' }, delayMs: 2000 });
    expect(walk(['a', 'b']).next(failed('rateLimit', { retryAfterMs: 11_000 }))).toMatchObject({ way: { model: 'b' }, delayMs: 0 });
    expect(walk(['a']).next(failed('rateLimit', { retryAfterMs: 11_000 }))).toBeUndefined();
  });

  it('rather ask another backend of the route than wait', () => {
    const ways = walkWays({
      ...{ special: () => [], isLarger: () => true, random: () => 1, settings: DEFAULT_RECOVERY },
      ways: [way('a', 'backend'), way('b', 'backend')],
    });
    expect(ways.next(failed('rateLimit', { retryAfterMs: 2000 }))).toEqual({ way: way('b', 'backend'), delayMs: 0 });
  });

  it('end with a request that is wrong in itself, unless the route wants another try', () => {
    expect(walk(['a', 'b']).next(failed('badRequest'))).toBeUndefined();
    const ways = walk(['a', 'b'], { per: { badRequest: 1 } });
    expect(ways.next(failed('badRequest'))?.way.model).toBe('a');
    expect(ways.next(failed('badRequest'))).toBeUndefined();
  });

  it('go elsewhere at once with wrong credentials or an unknown name', () => {
    expect(walk(['a', 'b']).next(failed('authentication'))?.way.model).toBe('b');
    expect(walk(['a', 'b']).next(failed('notFound'))?.way.model).toBe('b');
  });

  it('take a prompt that is too long to its own fallbacks, else to what is larger', () => {
    const special: WalkOptions['special'] = (kind, from) => (kind === 'context-window' && from === 'a' ? [way('huge')] : []);
    expect(walk(['a', 'b'], {}, { special }).next(failed('contextWindow'))?.way.model).toBe('huge');

    const isLarger = (model: string): boolean => model === 'c';
    expect(walk(['a', 'b', 'c'], {}, { isLarger }).next(failed('contextWindow'))?.way.model).toBe('c');
    expect(walk(['a', 'b'], {}, { isLarger }).next(failed('contextWindow'))).toBeUndefined();
  });

  it('take what a content filter refused to its own fallbacks, else to the usual ones', () => {
    const special: WalkOptions['special'] = (kind) => (kind === 'content-policy' ? [way('lenient')] : []);
    const ways = walk(['a', 'b'], {}, { special });

    expect(ways.next(failed('contentPolicy'))?.way.model).toBe('lenient');
    expect(walk(['a', 'b']).next(failed('contentPolicy'))?.way.model).toBe('b');
  });

  it('try no more others than allowed', () => {
    const ways = walk(['a', 'b', 'c', 'd'], { attempts: 0, maxFallbacks: 2 });
    expect([1, 2, 3].map(() => ways.next(failed('connection'))?.way.model)).toEqual(['b', 'c', undefined]);
    expect(walk(['a', 'b'], { attempts: 0, maxFallbacks: 0 }).next(failed('connection'))).toBeUndefined();
  });

  it('know what stands behind the current one, and can be left without a try', () => {
    const ways = walk(['a', 'b']);
    expect(ways.following()?.model).toBe('b');
    expect(ways.skip()?.model).toBe('b');
    expect(ways.following()).toBeUndefined();
    expect(ways.skip()).toBeUndefined();
  });

  it('always end, and never name a way that was not given', () => {
    const problem = fc.record({
      failure: fc.constantFrom(...FAILURE_CLASSES),
      freshEndpoint: fc.boolean(),
      retryAfterMs: fc.option(fc.nat(20_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(problem, { minLength: 200, maxLength: 200 }), fc.nat(5), fc.nat(10), (problems, maxFallbacks, attempts) => {
        const ways = walk(['a', 'b', 'c'], { maxFallbacks, attempts }, { special: (_kind, from) => [way(`${from}2`.slice(-2))] });
        let tries = 0;
        for (const each of problems) {
          const next = ways.next(each);
          if (next === undefined) break;
          tries += 1;
          expect(next.delayMs).toBeLessThanOrEqual(10_000);
        }
        expect(tries).toBeLessThanOrEqual((attempts + 1) * (maxFallbacks + 1));
      }),
      { numRuns: 200 },
    );
  });
});
