import { experimentKind, type Route, routeKind } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { type BackendSignals, NO_SIGNALS } from './backend-signals.ts';
import { type ChooseModelOptions, chooseModel } from './choose-model.ts';
import type { RouteFacts } from './route-facts.ts';

const routeOf = (spec: object, name = 'auto'): Route => routeKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Route', metadata: { name }, spec });

const factsOf = (content: string, more: Partial<RouteFacts> = {}, body: object = {}): RouteFacts => ({
  requestId: 'r1',
  prompt: promptFactsOf({ messages: [{ role: 'user', content }], ...body }),
  ...more,
});

const chooseAll = (route: Route, facts: RouteFacts, options: ChooseModelOptions & { random?: () => number } = {}) =>
  chooseModel(route, facts, { random: () => 0, ...options });
const choose = (...[route, facts, options]: Parameters<typeof chooseAll>) => chooseAll(route, facts, options).choices;
const models = (...[route, facts, options]: Parameters<typeof chooseAll>): string[] => choose(route, facts, options).map((choice) => choice.model);
const signals = (known: Readonly<Record<string, Partial<BackendSignals>>>) => (model: string) => ({ ...NO_SIGNALS, ...known[model] });

const quickstart = routeOf({
  backends: [{ model: 'reader', when: { maxPromptTokens: 400, complexity: ['simple'] }, reason: 'short and simple' }, { model: 'sim-8b' }],
  fallbacks: [
    { from: 'reader', to: ['sim-8b'] },
    { from: 'sim-8b', to: ['reader'] },
  ],
});

describe('choosing a model', () => {
  it('takes the first backend whose conditions hold and says why, with the fallbacks behind it', () => {
    expect(choose(quickstart, factsOf('What is a replica?'))).toEqual([
      { model: 'reader', reason: 'short and simple: reader', role: 'backend' },
      { model: 'sim-8b', reason: 'fallback of reader: sim-8b', role: 'fallback' },
    ]);
    expect(choose(quickstart, factsOf('Compare and analyze the trade-offs, and explain why.'))).toEqual([
      { model: 'sim-8b', reason: 'default: sim-8b', role: 'backend' },
      { model: 'reader', reason: 'fallback of sim-8b: reader', role: 'fallback' },
    ]);
  });

  it('describes the conditions where the route gives no reason', () => {
    const route = routeOf({ backends: [{ model: 'big', when: { minPromptTokens: 5, tools: false, complexity: ['simple'] } }] });

    expect(choose(route, factsOf('Hello'))[0]?.reason).toBe('prompt of 9 tokens, at least 5, simple, without tools: big');
  });

  it.each([
    ['maxPromptTokens', { maxPromptTokens: 10 }, factsOf(''), factsOf('a long text '.repeat(20))],
    ['minPromptTokens', { minPromptTokens: 30 }, factsOf('a long text '.repeat(20)), factsOf('')],
    ['tools', { tools: true }, factsOf('x', {}, { tools: [{}] }), factsOf('x')],
    ['tenants', { tenants: ['red'] }, factsOf('x', { tenant: 'red' }), factsOf('x', { tenant: 'blue' })],
    ['headers', { headers: { 'X-Tier': 'gold' } }, factsOf('x', { headers: { 'x-tier': 'gold' } }), factsOf('x')],
    ['complexity', { complexity: ['moderate', 'complex'] }, factsOf('Why? Compare and analyze.'), factsOf('Hi')],
  ])('checks the condition %s', (_name, when, holds, fails) => {
    const route = routeOf({ backends: [{ model: 'special', when }, { model: 'default' }] });

    expect(choose(route, holds)[0]?.model).toBe('special');
    expect(choose(route, fails)[0]?.model).toBe('default');
  });

  it('does not read the text when a cheaper condition fails already', () => {
    const prompt = { ...promptFactsOf({ prompt: 'x' }), complexity: () => expect.fail('the text was read') };
    const route = routeOf({ backends: [{ model: 'a', when: { tools: true, complexity: ['simple'] } }, { model: 'b' }] });

    expect(choose(route, { requestId: 'r', prompt })[0]?.model).toBe('b');
  });

  it('finds nothing when no condition holds', () => {
    expect(choose(routeOf({ backends: [{ model: 'a', when: { tools: true } }] }), factsOf('x'))).toEqual([]);
  });

  it('shares equal backends by weight', () => {
    const route = routeOf({
      backends: [
        { model: 'a', weight: 90 },
        { model: 'b', weight: 10 },
        { model: 'off', weight: 0 },
      ],
    });
    const random = createRandom(4);
    const counts = new Map<string, number>();
    for (let turn = 0; turn < 5000; turn += 1) {
      const model = choose(route, factsOf('x'), { random })[0]?.model ?? '';
      counts.set(model, (counts.get(model) ?? 0) + 1);
    }

    expect(Math.abs((counts.get('b') ?? 0) - 500)).toBeLessThan(80);
    expect(counts.has('off')).toBe(false);
    expect(choose(route, factsOf('x'), { random: () => 0.95 })[0]?.reason).toBe('default (weight 10 of 100): b');
  });

  it('keeps backends with different conditions apart when it shares by weight', () => {
    const route = routeOf({ backends: [{ model: 'a', when: { tools: true } }, { model: 'b' }, { model: 'c', when: { tools: true } }] });
    const models = new Set([0, 0.3, 0.6, 0.99].map((share) => choose(route, factsOf('x', {}, { tools: [{}] }), { random: () => share })[0]?.model));

    expect(models).toEqual(new Set(['a', 'c']));
  });

  it('follows fallbacks in their order, without repeats, also in a circle', () => {
    const route = routeOf({
      backends: [{ model: 'a' }],
      fallbacks: [{ from: 'a', to: ['b', 'c'] }, { from: 'b', to: ['a', 'd'] }, { to: ['e'] }],
    });

    expect(models(route, factsOf('x'))).toEqual(['a', 'b', 'c', 'e', 'd']);
  });

  it('goes through the backends of a route that is named as a fallback', () => {
    const spare = routeOf({ backends: [{ model: 'x', when: { tools: true } }, { model: 'y' }], fallbacks: [{ to: ['auto'] }] }, 'spare');
    const route = routeOf({ backends: [{ model: 'a' }], fallbacks: [{ to: ['spare', 'z'] }] });
    const routeNamed = (name: string): Route | undefined => ({ auto: route, spare })[name];

    expect(choose(route, factsOf('x'), { routeNamed }).map((choice) => choice.model)).toEqual(['a', 'y', 'z']);
  });

  it('leaves out models that can not take the request and says so', () => {
    const unavailable = (model: string): string | undefined => (model === 'reader' ? 'no ready replica' : undefined);

    expect(choose(quickstart, factsOf('Hi'), { unavailable })).toEqual([
      { model: 'sim-8b', reason: 'reader is out (no ready replica); fallback of reader: sim-8b', role: 'fallback' },
    ]);
  });

  it('never names a model twice and never more than the route and its fallbacks know', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const fallback = fc
      .record({ from: fc.option(name, { nil: undefined }), to: fc.array(name, { minLength: 1, maxLength: 3 }) })
      .map(({ from, to }) => (from === undefined ? { to } : { from, to }));
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 4 }),
        fc.array(fallback, { maxLength: 6 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (models, fallbacks, share) => {
          const route = routeOf({ backends: models.map((model) => ({ model })), fallbacks });
          const chosen = choose(route, factsOf('x'), { random: () => share }).map((choice) => choice.model);

          expect(new Set(chosen).size).toBe(chosen.length);
          expect(models).toContain(chosen[0]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('backends that stand by', () => {
  const two = routeOf({ backends: [{ model: 'a' }, { model: 'b' }, { model: 'c', order: 1 }], fallbacks: [{ to: ['d'] }] });

  it('come before the fallbacks: those of the same level, then the next level', () => {
    expect(choose(two, factsOf('x'))).toEqual([
      { model: 'a', reason: 'default (share 1 of 2): a', role: 'backend' },
      { model: 'b', reason: 'stands by for a: b', role: 'backend' },
      { model: 'c', reason: 'stands by for a: c', role: 'backend' },
      { model: 'd', reason: 'fallback of a: d', role: 'fallback' },
    ]);
    expect(models(two, factsOf('x'), { random: () => 0.9 })).toEqual(['b', 'a', 'c', 'd']);
  });

  it('go first while the others rest; when all rest, they are tried all the same', () => {
    const resting = (...names: string[]) => ({ signalsOf: signals(Object.fromEntries(names.map((name) => [name, { healthy: 0 }]))) });

    expect(models(two, factsOf('x'), resting('a'))).toEqual(['b', 'c', 'd', 'a']);
    expect(choose(two, factsOf('x'), resting('a'))[0]?.reason).toBe('a rests after failures; stands by for a: b');
    expect(models(two, factsOf('x'), resting('a', 'b', 'c', 'd'))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are chosen among by the strategy of the route', () => {
    const route = routeOf({ strategy: 'least-busy', backends: [{ model: 'a' }, { model: 'b' }] });

    expect(choose(route, factsOf('x'), { signalsOf: signals({ a: { inFlight: 3 } }) })[0]).toMatchObject({
      model: 'b',
      reason: 'default (0 requests run there): b',
    });
  });

  it('take over from those whose limits or budgets are used up, which are named', () => {
    const route = routeOf({
      backends: [{ model: 'a', rpm: 10 }, { model: 'b', maxParallel: 2 }, { model: 'c', budget: { usd: 1 } }, { model: 'd', tpm: 100 }, { model: 'e' }],
    });
    const full = signals({
      a: { usedRequests: 10 },
      b: { inFlight: 2 },
      c: { spentNanoUsd: () => 1_000_000_000 },
      d: { usedTokens: 99 },
    });

    expect(chooseAll(route, factsOf('x'), { signalsOf: full })).toEqual({
      choices: [expect.objectContaining({ model: 'e' })],
      skipped: [
        { model: 'a', problem: 'it has taken 10 requests in this minute', kind: 'limit' },
        { model: 'b', problem: 'it runs 2 requests at once', kind: 'limit' },
        { model: 'c', problem: 'its budget is spent', kind: 'budget' },
        { model: 'd', problem: 'it has taken its 100 tokens in this minute', kind: 'limit' },
      ],
    });
    expect(models(route, factsOf('x'), { signalsOf: signals({ d: { usedTokens: 0 }, a: { usedRequests: 9 } }) })).toHaveLength(5);
  });
});

describe('contexts that are too small', () => {
  const route = routeOf({ backends: [{ model: 'small' }], fallbacks: [{ to: ['large'] }] });
  const windows = signals({ small: { contextWindow: 100 }, large: { contextWindow: 1_000_000 } });
  const long = factsOf('x '.repeat(300), {}, { max_tokens: 50 });

  it('are left out where something larger is there', () => {
    expect(models(route, long, { signalsOf: windows })).toEqual(['large']);
    expect(models(route, factsOf('x'), { signalsOf: windows })).toEqual(['small', 'large']);
    expect(choose(route, long, { signalsOf: windows })[0]?.reason).toMatch(/^small is out \(its context of 100 tokens is below \d+\); /);
  });

  it('are tried when nothing is larger, because the estimate may be wrong, or when the route says so', () => {
    expect(models(route, long, { signalsOf: signals({ small: { contextWindow: 100 }, large: { contextWindow: 120 } }) })).toEqual(['small', 'large']);
    expect(models(routeOf({ ...route.spec, contextCheck: false }), long, { signalsOf: windows })).toEqual(['small', 'large']);
  });
});

describe('tags, canaries and sessions', () => {
  it('choose by the tags of the request', () => {
    const route = routeOf({
      backends: [
        { model: 'free', tags: ['free'] },
        { model: 'paid', tags: ['paid'] },
        { model: 'rest', tags: ['default'] },
      ],
    });

    expect([['paid'], ['free'], ['other'], []].map((tags) => models(route, factsOf('x', { tags }))[0])).toEqual(['paid', 'free', 'rest', 'rest']);
  });

  it('send what is asked for and a share of the sessions to the canary, the same ones always', () => {
    const route = routeOf({ backends: [{ model: 'old' }], canary: { model: 'new', percent: 20, when: { headers: { 'x-canary': 'yes' } } } });
    const takes = (session: string): string => models(route, factsOf('x', { session, requestId: `${session}/1` }))[0] ?? '';
    let taken = 0;
    for (let number = 0; number < 2000; number += 1) {
      const model = takes(`s${number}`);
      expect(models(route, factsOf('y', { session: `s${number}`, requestId: 'another' }))[0]).toBe(model);
      if (model === 'new') taken += 1;
    }

    expect(Math.abs(taken - 400)).toBeLessThan(80);
    expect(choose(route, factsOf('x', { headers: { 'x-canary': 'yes' } }))).toEqual([
      { model: 'new', reason: 'canary, asked for: new', role: 'backend' },
      { model: 'old', reason: 'default: old', role: 'backend' },
    ]);
    expect(models(routeOf({ backends: [{ model: 'old' }], canary: { model: 'new' } }), factsOf('x'))).toEqual(['old']);
  });

  it('send a claim to the canary', () => {
    const route = routeOf({ backends: [{ model: 'old' }], canary: { model: 'new', when: { claims: { groups: 'staff' } } } });

    expect(models(route, factsOf('x', { claims: { groups: ['dev', 'staff'] } }))[0]).toBe('new');
    expect(models(route, factsOf('x', { claims: { groups: ['dev'] } }))[0]).toBe('old');
  });

  it('keep a session on its model where that may still answer', () => {
    const route = routeOf({ backends: [{ model: 'a', weight: 9 }, { model: 'b' }] });

    expect(choose(route, factsOf('x'), { stickTo: 'b' })[0]).toMatchObject({ model: 'b', reason: 'the model of this session: b' });
    expect(models(route, factsOf('x'), { stickTo: 'gone' })[0]).toBe('a');
    expect(models(route, factsOf('x'), { stickTo: 'b', unavailable: (model) => (model === 'b' ? 'no replica' : undefined) })).toEqual(['a']);
  });

  it('judge difficulty by the classifier of the route', () => {
    const backends = [{ model: 'small', when: { difficulty: { max: 0.5 } } }, { model: 'big' }];
    const always = (bias: number) => ({ bias, weights: {}, thresholds: [0.3, 0.5] });

    expect(models(routeOf({ backends, classifier: always(9) }), factsOf('Hi'))[0]).toBe('big');
    expect(models(routeOf({ backends, classifier: always(-9) }), factsOf('Prove it.'))[0]).toBe('small');
    expect(models(routeOf({ backends }), factsOf('Hi'))[0]).toBe('small');
  });
});

describe('experiments', () => {
  const experimentOf = (unit: string, variants: object[]) =>
    experimentKind.schema.parse({
      apiVersion: 'maru.dev/v1alpha1',
      kind: 'Experiment',
      metadata: { name: 'tone' },
      spec: { variants, unit, metrics: ['ttft'] },
    });
  const variants = [
    { name: 'control', model: 'a', weight: 3 },
    { name: 'new', model: 'b', weight: 1 },
  ];
  const route = routeOf({ backends: [{ model: 'a' }], experiment: 'tone' });

  it('keep a session with its variant and say which', () => {
    const experiment = experimentOf('session', variants);
    for (let number = 0; number < 50; number += 1) {
      const session = `session-${number}`;
      const first = choose(route, factsOf('x', { session, requestId: 'one' }), { experiment })[0];
      const second = choose(route, factsOf('y', { session, requestId: 'two' }), { experiment, random: () => 0.9 })[0];

      expect(second).toEqual(first);
      expect(first?.reason).toBe(`experiment tone, variant ${first?.variant}: ${first?.model}`);
    }
  });

  it.each([
    ['session', (number: number) => ({ session: `s${number}` })],
    ['user', (number: number) => ({ user: `u${number}` })],
    ['request', (number: number) => ({ requestId: `r${number}`, session: 'same' })],
  ])('share by weight per %s', (unit, who) => {
    const experiment = experimentOf(unit, variants);
    let taken = 0;
    for (let number = 0; number < 4000; number += 1) if (choose(route, factsOf('x', who(number)), { experiment })[0]?.variant === 'new') taken += 1;

    expect(Math.abs(taken - 1000)).toBeLessThan(150);
  });

  it('fall back to the backends when all variants have weight 0', () => {
    const experiment = experimentOf(
      'session',
      variants.map((variant) => ({ ...variant, weight: 0 })),
    );

    expect(choose(route, factsOf('x'), { experiment })[0]).toEqual({ model: 'a', reason: 'default: a', role: 'backend' });
  });
});
