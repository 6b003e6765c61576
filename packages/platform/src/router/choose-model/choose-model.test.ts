import { experimentKind, type Route, routeKind } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { type ChooseModelOptions, chooseModel } from './choose-model.ts';
import type { RouteFacts } from './route-facts.ts';

const routeOf = (spec: object, name = 'auto'): Route => routeKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Route', metadata: { name }, spec });

const factsOf = (content: string, more: Partial<RouteFacts> = {}, body: object = {}): RouteFacts => ({
  requestId: 'r1',
  prompt: promptFactsOf({ messages: [{ role: 'user', content }], ...body }),
  ...more,
});

const choose = (route: Route, facts: RouteFacts, options: ChooseModelOptions & { random?: () => number } = {}) =>
  chooseModel(route, facts, { random: () => 0, ...options });

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
      { model: 'reader', reason: 'short and simple: reader' },
      { model: 'sim-8b', reason: 'fallback of reader: sim-8b' },
    ]);
    expect(choose(quickstart, factsOf('Compare and analyze the trade-offs, and explain why.'))).toEqual([
      { model: 'sim-8b', reason: 'default: sim-8b' },
      { model: 'reader', reason: 'fallback of sim-8b: reader' },
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

    expect(choose(route, factsOf('x')).map((choice) => choice.model)).toEqual(['a', 'b', 'c', 'e', 'd']);
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
      { model: 'sim-8b', reason: 'reader is out (no ready replica); fallback of reader: sim-8b' },
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

    expect(choose(route, factsOf('x'), { experiment })[0]).toEqual({ model: 'a', reason: 'default: a' });
  });
});
