import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { createRouter, type PickRequest } from '../router.ts';
import type { PrefillRules } from './decide-prefill.ts';
import { decodeEndpoints, isDisaggregated, pickPlaces, type RoleEndpoint } from './pick-places.ts';

const endpoint = (name: string, role?: 'prefill' | 'decode', load = { running: 0, waiting: 0 }): RoleEndpoint => ({ endpoint: name, role, load: () => load });
const FLEET = [endpoint('p-0', 'prefill'), endpoint('p-1', 'prefill'), endpoint('d-0', 'decode'), endpoint('d-1', 'decode')];
const LONG = promptFactsOf({ prompt: 'a long prompt with a known beginning '.repeat(400) });

const rules = (more: Partial<PrefillRules> = {}): PrefillRules => ({ profile: 'decode-first', minUncachedTokens: 512, ...more });
const asked = (more: Partial<PickRequest> = {}): PickRequest => ({ requestId: 'r', traceId: 't', route: 'm', model: 'm', facts: LONG, ...more });

function setUp(endpoints: readonly RoleEndpoint[] = FLEET) {
  const router = createRouter({ clock: createFakeClock(), ids: createSeededIds(7) });
  return {
    router,
    pick: (given: Partial<PrefillRules> = {}, request: Partial<PickRequest> = {}) => pickPlaces(router, asked(request), { endpoints, rules: rules(given) }),
  };
}

describe('places of a request', () => {
  it('are a decode endpoint and, for a long prompt, a prefill endpoint', () => {
    const { pick, router } = setUp();
    const { decode, prefill } = pick();

    expect(decode.endpoint.role).toBe('decode');
    expect(prefill?.endpoint.role).toBe('prefill');
    expect(decode.decision.prefill).toEqual({
      endpoint: prefill?.endpoint.endpoint,
      decision: prefill?.decision.id,
      reason: expect.stringMatching(/^prefill at p-\d: 3\d\d\d of 3\d\d\d prompt tokens are not cached$/),
    });
    expect(router.decision(decode.decision.id)).toBe(decode.decision.record());
    expect(prefill?.decision.reason).toContain(`prefill for ${decode.endpoint.endpoint}`);
  });

  it('are one for a prompt that the decode endpoint has', () => {
    const { pick, router } = setUp();
    const first = pick();
    router.observe(first.prefill?.decision.id ?? '', { outcome: 'ok', realisedCachedTokens: 0 });
    router.observe(first.decode.decision.id, { outcome: 'ok', realisedCachedTokens: 0 });

    const second = pick();

    expect(second.prefill).toBeUndefined();
    expect(second.decode.endpoint.endpoint).toBe(first.decode.endpoint.endpoint);
    expect(second.decode.decision.prefill).toEqual({ reason: expect.stringContaining('prefill in place') });
  });

  it('look at the cache of a decode endpoint also where it is the only one', () => {
    const { pick, router } = setUp([endpoint('p-0', 'prefill'), endpoint('d-0', 'decode')]);
    const first = pick();
    router.observe(first.prefill?.decision.id ?? '', { outcome: 'ok' });
    router.observe(first.decode.decision.id, { outcome: 'ok' });

    expect(first.prefill).toBeDefined();
    expect(pick().prefill).toBeUndefined();
  });

  it('spread over prefill endpoints as over any others', () => {
    const { pick } = setUp();
    const prompts = Array.from({ length: 4 }, (_, index) => promptFactsOf({ prompt: `${index} another prompt `.repeat(900) }));
    const names = prompts.map((facts) => pick({}, { facts }).prefill?.endpoint.endpoint);

    expect(new Set(names)).toEqual(new Set(['p-0', 'p-1']));
  });

  it('keep the prompt where every prefill endpoint is busy', () => {
    const busy = { running: 3, waiting: 2 };
    const fleet = [endpoint('p-0', 'prefill', busy), endpoint('d-0', 'decode')];

    expect(setUp(fleet).pick({ maxPrefillQueue: 4 }).prefill).toBeUndefined();
    expect(setUp(fleet).pick({ maxPrefillQueue: 5 }).prefill).toBeDefined();
  });

  it('follow the caches of prefill endpoints where those come first, and the load of decode endpoints', () => {
    const { pick, router } = setUp();
    const first = pick({ profile: 'prefill-first' });
    router.observe(first.prefill?.decision.id ?? '', { outcome: 'ok' });
    const second = pick({ profile: 'prefill-first' });

    expect(second.prefill?.endpoint.endpoint).toBe(first.prefill?.endpoint.endpoint);
    expect(second.decode.endpoint.endpoint).not.toBe(first.decode.endpoint.endpoint);
    expect(second.decode.decision.policy).toBe('least-request');
  });

  it('are decode endpoints alone where no prefill endpoint is left', () => {
    const { pick } = setUp([endpoint('d-0', 'decode'), endpoint('d-1')]);

    expect(pick().prefill).toBeUndefined();
    expect(pick().decode.decision.prefill?.reason).toContain('no prefill replica is there');
  });

  it('are prefill endpoints where nothing else is left, which then do all of it', () => {
    const { pick } = setUp([endpoint('p-0', 'prefill')]);

    expect(pick().decode.endpoint.endpoint).toBe('p-0');
    expect(pick().prefill).toBeUndefined();
  });

  it('tell the decode endpoint nothing of how fast another one was', () => {
    const { pick, router } = setUp([endpoint('p-0', 'prefill'), endpoint('d-0', 'decode')]);
    const { decode } = pick();

    router.observe(decode.decision.id, { outcome: 'ok', realisedCachedTokens: 3000, ttftMs: 60_000 });

    expect(router.decision(decode.decision.id)).toMatchObject({ realisedCachedTokens: null, realisedTtftMs: 60_000 });
    expect(router.calibration().find(({ endpoint: name }) => name === 'd-0')).toMatchObject({ slowness: 1 });
  });
});

describe('roles', () => {
  it('are of a fleet where some compute prompts', () => {
    expect(isDisaggregated(FLEET)).toBe(true);
    expect(isDisaggregated([endpoint('a'), endpoint('d', 'decode')])).toBe(false);
    expect(decodeEndpoints(FLEET).map(({ endpoint: name }) => name)).toEqual(['d-0', 'd-1']);
  });
});
