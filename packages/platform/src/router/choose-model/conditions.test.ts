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

  it('look at metadata, claims, the stream, images and the path', () => {
    const known = facts({
      body: () => ({ metadata: { team: 'search', level: 3 } }),
      claims: { sub: 'kim', groups: ['staff'], admin: true },
      stream: true,
      path: '/v1/chat/completions',
    });

    expect(conditionHolds({ metadata: { team: 'search', level: '3' } }, known)).toBe(true);
    expect(conditionHolds({ metadata: { team: 'ads' } }, known)).toBe(false);
    expect(conditionHolds({ metadata: { toString: 'x' } }, known)).toBe(false);
    expect(conditionHolds({ claims: { groups: 'staff', admin: 'true' } }, known)).toBe(true);
    expect(conditionHolds({ claims: { groups: 'board' } }, known)).toBe(false);
    expect([true, false].map((stream) => conditionHolds({ stream }, known))).toEqual([true, false]);
    expect([true, false].map((images) => conditionHolds({ images }, known))).toEqual([false, true]);
    expect(conditionHolds({ matches: [{ path: { type: 'PathPrefix', value: '/v1/chat' } }] }, known)).toBe(true);
    expect(conditionHolds({ expression: 'metadata.team == "search" && "staff" in claims.groups && request.stream' }, known)).toBe(true);
    expect(conditionHolds({ expression: 'request.promptTokens > 1000' }, known)).toBe(false);
  });

  it('do not hold for metadata, claims or a body that are not there', () => {
    expect(conditionHolds({ metadata: { team: 'x' } }, facts())).toBe(false);
    expect(conditionHolds({ claims: { sub: 'x' } }, facts())).toBe(false);
    expect(conditionHolds({ metadata: { team: 'x' } }, facts({ body: () => ({ metadata: ['x'] }) }))).toBe(false);
    expect(conditionHolds({ expression: 'body.n == 1' }, facts())).toBe(false);
  });

  it('are described without values of metadata and claims', () => {
    expect(describeCondition({ metadata: { team: 'secret' }, claims: { sub: 'secret' }, stream: true, expression: 'request.tools' }, facts())).toBe(
      'streamed, metadata team, claim sub, expression request.tools',
    );
  });
});
