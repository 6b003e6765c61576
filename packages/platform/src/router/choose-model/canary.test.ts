import { type RouteSpec, routeKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { canaryReason } from './canary.ts';
import type { RouteFacts } from './route-facts.ts';

const specOf = (canary?: object): RouteSpec =>
  routeKind.spec.parse({ backends: [{ model: 'old' }], ...(canary === undefined ? {} : { canary: { model: 'new', ...canary } }) });
const facts = (more: Partial<RouteFacts> = {}): RouteFacts => ({ requestId: 'r', prompt: promptFactsOf({ prompt: 'x' }), ...more });
const shareOf = (canary: object, who: (number: number) => Partial<RouteFacts>, name = 'r'): number => {
  const spec = specOf(canary);
  let taken = 0;
  for (let number = 0; number < 2000; number += 1) if (canaryReason({ name, spec }, facts(who(number))) !== undefined) taken += 1;
  return taken / 2000;
};

describe('a canary', () => {
  it('takes nothing where there is none, or its share is 0', () => {
    expect(canaryReason({ name: 'r', spec: specOf() }, facts())).toBeUndefined();
    expect(shareOf({ percent: 0 }, (number) => ({ requestId: `r${number}` }))).toBe(0);
  });

  it.each([
    ['session', (number: number) => ({ session: `s${number}` })],
    ['user', (number: number) => ({ user: `u${number}` })],
    ['request', (number: number) => ({ requestId: `r${number}`, session: 'same' })],
  ])('takes its share of each %s', (sticky, who) => {
    expect(shareOf({ percent: 25, sticky }, who)).toBeCloseTo(0.25, 1);
    expect(shareOf({ percent: 100, sticky }, who)).toBe(1);
  });

  it('takes other sessions for another route', () => {
    const taken = (name: string): boolean[] =>
      Array.from({ length: 200 }, (_, number) => canaryReason({ name, spec: specOf({ percent: 50 }) }, facts({ session: `s${number}` })) !== undefined);

    expect(taken('one')).not.toEqual(taken('two'));
    expect(taken('one')).toEqual(taken('one'));
  });

  it('keeps whom it had when its share grows', () => {
    const takenAt = (percent: number): Set<number> =>
      new Set(
        Array.from({ length: 500 }, (_, number) => number).filter(
          (number) => canaryReason({ name: 'r', spec: specOf({ percent }) }, facts({ session: `s${number}` })) !== undefined,
        ),
      );
    const [few, many] = [takenAt(10), takenAt(40)];

    for (const number of few) expect(many.has(number)).toBe(true);
  });

  it('says whether it was asked for or drawn', () => {
    const spec = specOf({ percent: 100, when: { headers: { 'x-canary': '1' } } });

    expect(canaryReason({ name: 'r', spec }, facts({ headers: { 'x-canary': '1' } }))).toBe('canary, asked for');
    expect(canaryReason({ name: 'r', spec }, facts())).toBe('canary, 100% of the requests');
  });
});
