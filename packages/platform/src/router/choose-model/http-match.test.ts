import type { HttpMatch } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { bestMatch, comparePrecision, type Precision } from './http-match.ts';
import type { RouteFacts } from './route-facts.ts';

const facts = (more: Partial<RouteFacts> = {}): RouteFacts => ({
  requestId: 'r',
  prompt: promptFactsOf({ prompt: 'x' }),
  path: '/v1/chat/completions',
  method: 'POST',
  query: 'region=eu&beta=1',
  headers: { 'x-plan': 'pro', 'x-team': 'search-eu' },
  ...more,
});
const holds = (match: HttpMatch, more: Partial<RouteFacts> = {}): boolean => bestMatch([match], facts(more)) !== undefined;

describe('matches of an HTTPRoute', () => {
  it.each<[string, HttpMatch, boolean]>([
    ['an exact path', { path: { type: 'Exact', value: '/v1/chat/completions' } }, true],
    ['an exact path is not a prefix', { path: { type: 'Exact', value: '/v1/chat' } }, false],
    ['a prefix', { path: { type: 'PathPrefix', value: '/v1/chat' } }, true],
    ['a prefix with a slash at its end', { path: { type: 'PathPrefix', value: '/v1/chat/' } }, true],
    ['a prefix ends at a slash', { path: { type: 'PathPrefix', value: '/v1/cha' } }, false],
    ['the root', { path: { type: 'PathPrefix', value: '/' } }, true],
    ['a pattern of the whole path', { path: { type: 'RegularExpression', value: '/v1/(chat|messages).*' } }, true],
    ['a pattern of a part of the path', { path: { type: 'RegularExpression', value: 'chat' } }, false],
    ['the method', { method: 'POST' }, true],
    ['another method', { method: 'GET' }, false],
    ['a header whatever its case', { headers: [{ type: 'Exact', name: 'X-Plan', value: 'pro' }] }, true],
    ['a value with its case', { headers: [{ type: 'Exact', name: 'x-plan', value: 'Pro' }] }, false],
    ['a header that is absent', { headers: [{ type: 'RegularExpression', name: 'x-none', value: '.*' }] }, false],
    [
      'all of the headers',
      {
        headers: [
          { type: 'Exact', name: 'x-plan', value: 'pro' },
          { type: 'RegularExpression', name: 'x-team', value: '.*-eu' },
        ],
      },
      true,
    ],
    [
      'one of two headers only',
      {
        headers: [
          { type: 'Exact', name: 'x-plan', value: 'pro' },
          { type: 'Exact', name: 'x-team', value: 'ads' },
        ],
      },
      false,
    ],
    ['a parameter of the query', { queryParams: [{ type: 'Exact', name: 'region', value: 'eu' }] }, true],
    ['another value of the query', { queryParams: [{ type: 'Exact', name: 'region', value: 'us' }] }, false],
    [
      'everything together',
      { path: { type: 'PathPrefix', value: '/v1' }, method: 'POST', queryParams: [{ type: 'RegularExpression', name: 'beta', value: '[01]' }] },
      true,
    ],
  ])('know %s', (_name, match, expected) => {
    expect(holds(match)).toBe(expected);
  });

  it('hold for everything when there are none', () => {
    expect(bestMatch(undefined, facts())).toEqual([0, 0, 0, 0, 0]);
    expect(bestMatch([], facts())).toBeUndefined();
  });

  it('rank as the Gateway API says: exact path, longer prefix, method, headers, query', () => {
    const ranked: HttpMatch[] = [
      { path: { type: 'Exact', value: '/v1/chat/completions' } },
      { path: { type: 'PathPrefix', value: '/v1/chat' } },
      { path: { type: 'PathPrefix', value: '/v1' }, method: 'POST' },
      {
        path: { type: 'PathPrefix', value: '/v1' },
        headers: [
          { type: 'Exact', name: 'x-plan', value: 'pro' },
          { type: 'Exact', name: 'x-team', value: 'search-eu' },
        ],
      },
      { path: { type: 'PathPrefix', value: '/v1' }, headers: [{ type: 'Exact', name: 'x-plan', value: 'pro' }] },
      { path: { type: 'PathPrefix', value: '/v1' }, queryParams: [{ type: 'Exact', name: 'beta', value: '1' }] },
      { path: { type: 'PathPrefix', value: '/v1' } },
      { headers: [{ type: 'Exact', name: 'x-plan', value: 'pro' }] },
      {},
    ];
    const precisions: Precision[] = ranked.map((match) => bestMatch([match], facts()) ?? [-1, 0, 0, 0, 0]);

    for (let index = 1; index < precisions.length; index += 1) {
      expect(comparePrecision(precisions[index - 1] ?? [0, 0, 0, 0, 0], precisions[index] ?? [0, 0, 0, 0, 0])).toBeGreaterThan(0);
    }
  });

  it('count by their most precise one', () => {
    expect(
      bestMatch([{ path: { type: 'PathPrefix', value: '/v1' } }, { path: { type: 'Exact', value: '/v1/chat/completions' } }, { method: 'GET' }], facts()),
    ).toEqual(bestMatch([{ path: { type: 'Exact', value: '/v1/chat/completions' } }], facts()));
  });

  it('never throw, whatever a client sends', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (path, query, header) => {
        const match: HttpMatch = {
          path: { type: 'RegularExpression', value: '(/[^/]+)+' },
          headers: [{ type: 'RegularExpression', name: 'x-a', value: '(a|b)*c' }],
          queryParams: [{ type: 'Exact', name: 'q', value: '1' }],
        };
        expect(typeof holds(match, { path, query, headers: { 'x-a': header } })).toBe('boolean');
      }),
      { numRuns: 200 },
    );
  });
});
