import { routeDecisionSchema } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import { DEFAULT_COST_RATES } from './policy/cost-rates.ts';
import type { Policy, PolicyRequest } from './policy/policy.ts';
import type { RouterEndpoint } from './ports.ts';
import { type PromptFacts, promptFactsOf } from './prompt/prompt-facts.ts';
import { createRouter, type PickRequest, type Router, type RouterOptions } from './router.ts';

function setUp(options: Partial<RouterOptions> = {}) {
  const clock = createFakeClock();
  return { clock, router: createRouter({ clock, ids: createSeededIds(), ...options }) };
}

const idle = { running: 0, waiting: 0 };
const endpointsOf = (...names: string[]): RouterEndpoint[] => names.map((endpoint) => ({ endpoint, load: () => idle }));

/** A prompt of about this many tokens; equal names begin alike. */
const promptOf = (name: string, tokens = 2000): PromptFacts => promptFactsOf({ prompt: name.repeat(Math.ceil((tokens * 4) / name.length)) });

const request = (facts: PromptFacts, more: Partial<PickRequest> = {}): PickRequest => ({
  requestId: 'req',
  traceId: 'trace',
  route: 'auto',
  model: 'sim-8b',
  facts,
  ...more,
});

/** Sends a request through to its end, as if the engine had what was expected. */
function serve(router: Router, endpoints: readonly RouterEndpoint[], facts: PromptFacts, more: Partial<PickRequest> = {}): string {
  const { decision } = router.pickEndpoint(request(facts, more), endpoints);
  router.observe(decision.id, { outcome: 'ok', realisedCachedTokens: decision.expectedCachedTokens });
  return decision.chosen;
}

describe('router', () => {
  it('records a decision with its candidates, scores and expected hit, and joins what was realised', async () => {
    const { clock, router } = setUp();
    const endpoints = endpointsOf('a', 'b', 'c');
    const home = serve(router, endpoints, promptOf('handbook '));
    await clock.advance(60_000);

    const { endpoint, decision } = router.pickEndpoint(request(promptOf('handbook '), { reason: 'default: sim-8b' }), endpoints);
    const before = router.decision(decision.id);
    const known = router.observe(decision.id, { outcome: 'ok', realisedCachedTokens: 1900, ttftMs: 30, durationMs: 90 });
    const joined = router.decision(decision.id);

    expect(endpoint.endpoint).toBe(home);
    expect(before).toMatchObject({ route: 'auto', model: 'sim-8b', policy: 'maru', chosen: home, expectedCachedTokens: 1984, realisedCachedTokens: null });
    expect(decision.reason).toMatch(/^default: sim-8b; soonest done: .* 1984 of 2001 tokens cached$/);
    expect(decision.candidates.map((each) => [each.endpoint, each.expectedCachedTokens > 0])).toEqual(['a', 'b', 'c'].map((name) => [name, name === home]));
    expect(known).toBe(true);
    expect(joined).toEqual({ ...before, realisedCachedTokens: 1900, realisedTtftMs: 30, realisedMs: 90, outcome: 'ok' });
    expect(router.decision(decision.id)).toBe(joined);
    expect(routeDecisionSchema.parse(joined)).toEqual(joined);
  });

  it('lets the prompt of a request go when it is decided, whatever its policy keeps', () => {
    const kept: PolicyRequest[] = [];
    const keeps = (): Policy => ({
      name: 'keeps',
      reads: [],
      choose: (asked) => {
        kept.push(asked);
        return { index: asked.prefixKey() === 0 ? 1 : 0, scores: new Map(), totals: [1, 1], why: 'kept' };
      },
    });
    const { router } = setUp({ policies: new Map([['keeps', keeps]]) });

    const { decision } = router.pickEndpoint(request(promptOf('handbook '), { policy: 'keeps' }), endpointsOf('a', 'b'));

    expect([decision.chosen, kept[0]?.prefixKey(), kept[0]?.promptTokens]).toEqual(['a', 0, 2001]);
  });

  it('learns no first token from an answer that came as a whole', () => {
    const { router } = setUp();
    const endpoints = endpointsOf('a', 'b');
    const before = router.pickEndpoint(request(promptOf('before ')), endpoints);
    router.observe(before.decision.id, { outcome: 'ok', durationMs: 8000, outputTokens: 200 });
    const [learned] = router.calibration().filter(({ endpoint }) => endpoint === before.endpoint.endpoint);

    expect(router.decision(before.decision.id)).toMatchObject({ realisedTtftMs: null, realisedMs: 8000, outcome: 'ok' });
    expect(learned).toMatchObject({ timed: 0, realisedTtftMs: 0, slowness: 1, rates: DEFAULT_COST_RATES });
    expect(router.history()).toMatchObject([{ decisions: 1, timed: 0, realisedTtftMs: 0 }]);
  });

  it('tells of what the cost of each candidate is made', () => {
    const { router } = setUp();

    const { decision } = router.pickEndpoint(request(promptOf('handbook ')), endpointsOf('a', 'b'));

    expect(decision.candidates.map(({ costMs }) => Object.keys(costMs ?? {}))).toEqual(
      Array.from({ length: 2 }, () => ['queue', 'prefill', 'decode', 'displaced', 'money', 'missed']),
    );
    expect(routeDecisionSchema.parse(decision.record())).toEqual(decision.record());
  });

  it('tells which endpoints hold the beginning of a prompt', () => {
    const { router } = setUp();
    const endpoints = endpointsOf('a', 'b');
    const facts = promptOf('handbook ');

    const home = serve(router, endpoints, facts, { session: 'ses-1' });
    const prompt = router.sessions()[0];

    expect(prompt).toMatchObject({ session: 'ses-1', model: 'sim-8b', promptTokens: 2001 });
    expect(router.promptOf(prompt?.decisionId ?? '')).toEqual(prompt);
    expect(router.holders(facts.blockHashes(), ['a', 'b', 'gone'])).toEqual(['a', 'b', 'gone'].map((name) => (name === home ? 31 : 0)));
    expect(router.holders(promptOf('other ').blockHashes(), ['a', 'b'])).toEqual([0, 0]);
  });

  it('remembers no prompt that nobody has looked at', () => {
    const { router } = setUp();

    const { decision } = router.pickEndpoint(request(promptOf('handbook ')), endpointsOf('only'));

    expect(router.promptOf(decision.id)).toBeUndefined();
  });

  it('counts decisions in flight at once, so that a burst is spread', () => {
    const { router } = setUp();
    const endpoints = endpointsOf('a', 'b', 'c', 'd');
    const counts = new Map<string, number>();
    for (let number = 0; number < 40; number += 1) {
      const { decision } = router.pickEndpoint(request(promptOf(`${number} different prompt `)), endpoints);
      counts.set(decision.chosen, (counts.get(decision.chosen) ?? 0) + 1);
    }

    expect([...counts.values()]).toEqual([10, 10, 10, 10]);
  });

  it('does not send everything to one replica when all prompts begin alike', () => {
    const { router } = setUp();
    const endpoints = endpointsOf('a', 'b', 'c', 'd');
    const counts = new Map<string, number>();
    for (let number = 0; number < 200; number += 1) {
      const facts = promptFactsOf({ prompt: `${'system prompt '.repeat(40)}${`question ${number} `.repeat(800)}` });
      const { decision } = router.pickEndpoint(request(facts), endpoints);
      counts.set(decision.chosen, (counts.get(decision.chosen) ?? 0) + 1);
    }

    expect(Math.max(...counts.values())).toBeLessThan(60);
  });

  it('forgets the wait of prompts that are probably computed by now', async () => {
    const { clock, router } = setUp();
    const endpoints = endpointsOf('a', 'b');
    router.pickEndpoint(request(promptOf('x', 10_000)), endpoints);
    const ttft = (): number => {
      const { decision } = router.pickEndpoint(request(promptOf('y', 10)), endpoints);
      router.observe(decision.id, { outcome: 'cancelled' });
      return Math.max(...decision.candidates.map((each) => each.predictedTtftMs ?? 0));
    };
    expect(ttft()).toBeGreaterThan(300);

    await clock.advance(1000);

    expect(ttft()).toBeLessThan(20);
  });

  it('takes back the wait of a request that was cancelled early', () => {
    const { router } = setUp();
    const endpoints = endpointsOf('a', 'b');
    const { decision } = router.pickEndpoint(request(promptOf('x', 10_000)), endpoints);

    router.observe(decision.id, { outcome: 'cancelled' });

    const next = router.pickEndpoint(request(promptOf('y', 10)), endpoints).decision;
    expect(Math.max(...next.candidates.map((each) => each.predictedTtftMs ?? 0))).toBeLessThan(20);
  });

  it('counts load that others have put there, but its own only once', () => {
    const { router } = setUp();
    const busy = { endpoint: 'busy', load: () => ({ running: 3, waiting: 5 }) };
    const free = { endpoint: 'free', load: () => idle };

    for (let turn = 0; turn < 3; turn += 1)
      expect(router.pickEndpoint(request(promptOf(`${turn} x`, 10), { policy: 'least-request' }), [busy, free]).decision.chosen).toBe('free');
    const own = { endpoint: 'free', load: () => ({ running: 3, waiting: 0 }) };
    const almost = { endpoint: 'other', load: () => ({ running: 4, waiting: 0 }) };

    expect(router.pickEndpoint(request(promptOf('z', 10), { policy: 'least-request' }), [own, almost]).decision.chosen).toBe('free');
  });

  it('makes no block hashes when there is one candidate or the policy does not read them', () => {
    const { router } = setUp();
    const facts = (): PromptFacts => ({ ...promptOf('x'), blockHashes: () => expect.fail('hashes were made') });

    expect(router.pickEndpoint(request(facts()), endpointsOf('only')).decision).toMatchObject({
      chosen: 'only',
      reason: 'the only replica',
      expectedCachedTokens: 0,
    });
    for (const policy of ['random', 'round-robin', 'least-request', 'session-hash']) router.pickEndpoint(request(facts(), { policy }), endpointsOf('a', 'b'));
    expect(() => router.pickEndpoint(request(facts()), endpointsOf('a', 'b'))).toThrow('hashes were made');
  });

  it('asks an engine that knows its cache exactly, for the precise policy only', () => {
    const { router } = setUp();
    const exact = { endpoint: 'exact', load: () => idle, cachedTokens: () => 1500 };
    const plain = { endpoint: 'plain', load: () => idle };

    expect(router.pickEndpoint(request(promptOf('x'), { policy: 'precise-prefix' }), [plain, exact]).decision).toMatchObject({
      chosen: 'exact',
      expectedCachedTokens: 1500,
    });
    expect(router.pickEndpoint(request(promptOf('y'), { policy: 'approximate-prefix' }), [plain, exact]).decision.expectedCachedTokens).toBe(0);
  });

  it('does not try an endpoint twice for one request, and says when all were tried', () => {
    const { router } = setUp();
    const endpoints = endpointsOf('a', 'b');

    const second = router.pickEndpoint(request(promptOf('x'), { tried: ['a'] }), endpoints);

    expect(second.decision.chosen).toBe('b');
    expect(second.decision.candidates[0]).toEqual({ endpoint: 'a', removedBy: 'already-tried', scores: {}, total: 0, expectedCachedTokens: 0 });
    expect(() => router.pickEndpoint(request(promptOf('x'), { tried: ['a', 'b'] }), endpoints)).toThrow(/all 2 replicas of the model "sim-8b" failed/);
    expect(() => router.pickEndpoint(request(promptOf('x')), [])).toThrow(expect.objectContaining({ code: 'no_endpoint' }));
  });

  it('refuses an unknown policy', () => {
    expect(() => setUp().router.pickEndpoint(request(promptOf('x'), { policy: 'best' }), endpointsOf('a', 'b'))).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });

  it('ends a decision once', () => {
    const { router } = setUp();
    const { decision } = router.pickEndpoint(request(promptOf('x')), endpointsOf('a', 'b'));

    expect(router.observe(decision.id, { outcome: 'ok' })).toBe(true);
    expect(router.observe(decision.id, { outcome: 'ok' })).toBe(false);
    expect(router.observe('dec_unknown', { outcome: 'ok' })).toBe(false);
    expect(router.calibration().map((each) => each.inFlight)).toEqual([0, 0]);
  });

  it('keeps the last decisions only, newest first, and finds them by what they are about', () => {
    const { router } = setUp({ keepDecisions: 3 });
    const endpoints = endpointsOf('a', 'b');
    for (const requestId of ['r1', 'r2', 'r3', 'r4'])
      router.pickEndpoint(request(promptOf(requestId), { requestId, route: requestId === 'r3' ? 'other' : 'auto' }), endpoints);

    expect(router.decisions().map((decision) => decision.requestId)).toEqual(['r4', 'r3', 'r2']);
    expect(router.decisions({ route: 'other' }).map((decision) => decision.requestId)).toEqual(['r3']);
    expect(router.decisions({ requestId: 'r1' })).toEqual([]);
    expect(router.decisions({ limit: 1 })).toHaveLength(1);
  });

  it('gives every model a turn of its own', () => {
    const { router } = setUp();
    const take = (model: string): string =>
      router.pickEndpoint(request(promptOf('x', 1), { policy: 'round-robin', model }), endpointsOf('a', 'b')).decision.chosen;

    expect([take('one'), take('two'), take('one'), take('two')]).toEqual(['a', 'a', 'b', 'b']);
  });

  it('always picks an endpoint that is there and was not tried, and never loses count, whatever happens', () => {
    const names = ['a', 'b', 'c', 'd'];
    const step = fc.record({
      policy: fc.constantFrom('maru', 'random', 'round-robin', 'least-request', 'prefix-hash', 'sglang-cache-aware', 'precise-prefix', 'session-hash'),
      there: fc.subarray(names, { minLength: 1 }),
      tried: fc.subarray(names, { maxLength: 2 }),
      prompt: fc.nat(3),
      outcome: fc.constantFrom('ok', 'error', 'cancelled', undefined),
      realised: fc.option(fc.nat(3000), { nil: undefined }),
      ttftMs: fc.option(fc.nat(10_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { router } = setUp();
        let open = 0;
        for (const { policy, there, tried, prompt, outcome, realised, ttftMs } of steps) {
          const live = there.filter((name) => !tried.includes(name));
          const pick = () => router.pickEndpoint(request(promptOf(`prompt ${prompt} `, 500), { policy, tried }), endpointsOf(...there));
          if (live.length === 0) {
            expect(pick).toThrow(expect.objectContaining({ code: 'no_endpoint' }));
            continue;
          }
          const { decision } = pick();
          expect(live).toContain(decision.chosen);
          expect(decision.expectedCachedTokens).toBeLessThanOrEqual(decision.promptTokens);
          if (outcome === undefined) open += 1;
          else router.observe(decision.id, { outcome, realisedCachedTokens: realised, ttftMs });
        }
        expect(router.calibration().reduce((sum, each) => sum + each.inFlight, 0)).toBe(open);
      }),
      { numRuns: 60 },
    );
  });
});
