import { describe, expect, it } from 'vitest';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { conditionHolds, describeCondition } from './conditions.ts';
import type { RouteFacts } from './route-facts.ts';

const facts = (more: Partial<RouteFacts> = {}): RouteFacts => ({ requestId: 'r', prompt: promptFactsOf({ prompt: 'x'.repeat(398) }), ...more });

describe('conditions', () => {
  it('hold when there are none', () => {
    expect(conditionHolds(undefined, facts())).toBe(true);
    expect(conditionHolds({}, facts())).toBe(true);
    expect([describeCondition(undefined, facts()), describeCondition({}, facts())]).toEqual(['default', 'default']);
  });

  it('take the lower bound in and the upper bound out', () => {
    expect([99, 100, 101].map((bound) => conditionHolds({ maxPromptTokens: bound }, facts()))).toEqual([false, false, true]);
    expect([99, 100, 101].map((bound) => conditionHolds({ minPromptTokens: bound }, facts()))).toEqual([true, true, false]);
  });

  it('must all hold', () => {
    const gold = facts({ tenant: 'red', headers: { 'x-tier': 'gold', 'x-region': 'eu' } });

    expect(conditionHolds({ tenants: ['red'], headers: { 'X-Tier': 'gold', 'X-Region': 'eu' } }, gold)).toBe(true);
    expect(conditionHolds({ tenants: ['red'], headers: { 'X-Tier': 'gold', 'X-Region': 'us' } }, gold)).toBe(false);
    expect(conditionHolds({ tenants: ['blue'], headers: { 'X-Tier': 'gold' } }, gold)).toBe(false);
  });

  it('do not hold for a tenant or header that is not known', () => {
    expect(conditionHolds({ tenants: ['red'] }, facts())).toBe(false);
    expect(conditionHolds({ headers: { 'x-tier': '' } }, facts())).toBe(false);
  });

  it('are described by name, without values of headers', () => {
    expect(describeCondition({ tenants: ['red'], headers: { authorization: 'secret' }, tools: false }, facts({ tenant: 'red' }))).toBe(
      'without tools, tenant red, header authorization',
    );
  });
});
