import { type Route, routeKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import type { RouteFacts } from './route-facts.ts';
import { takeGroup } from './take-group.ts';

const backendsOf = (...backends: object[]): Route['spec']['backends'] =>
  routeKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Route', metadata: { name: 'r' }, spec: { backends } }).spec.backends;
const facts = (more: Partial<RouteFacts> = {}): RouteFacts => ({
  requestId: 'r',
  prompt: promptFactsOf({ prompt: 'x' }),
  path: '/v1/chat/completions',
  headers: { 'x-plan': 'pro' },
  ...more,
});
const models = (backends: Route['spec']['backends'], more: Partial<RouteFacts> = {}): string[] =>
  takeGroup(backends, facts(more)).map((backend) => backend.model);
const path = (type: string, value: string): object => ({ matches: [{ path: { type, value } }] });

describe('the backends that may answer', () => {
  it('are those with the conditions of the first one that holds', () => {
    const backends = backendsOf({ model: 'a', when: { tools: true } }, { model: 'b' }, { model: 'c', when: { tools: true } }, { model: 'd' });

    expect(models(backends)).toEqual(['b', 'd']);
    expect(models(backends, { prompt: { ...promptFactsOf({ prompt: 'x' }), tools: true } })).toEqual(['a', 'c']);
  });

  it('are led by the most precise match, wherever it stands', () => {
    const backends = backendsOf(
      { model: 'any' },
      { model: 'v1', when: path('PathPrefix', '/v1') },
      { model: 'chat', when: path('Exact', '/v1/chat/completions') },
      { model: 'pro', when: { matches: [{ headers: [{ name: 'x-plan', value: 'pro' }] }] } },
    );

    expect(models(backends)).toEqual(['chat']);
    expect(models(backends, { path: '/v1/messages' })).toEqual(['v1']);
    expect(models(backends, { path: '/other' })).toEqual(['pro']);
    expect(models(backends, { path: '/other', headers: {} })).toEqual(['any']);
  });

  it('are the first of equally precise ones', () => {
    const backends = backendsOf({ model: 'first', when: path('PathPrefix', '/v1/chat') }, { model: 'second', when: path('PathPrefix', '/v1/chat') });

    expect(models(backends)).toEqual(['first', 'second']);
    expect(
      models(backendsOf({ model: 'one', when: { ...path('PathPrefix', '/v1'), tools: false } }, { model: 'two', when: path('PathPrefix', '/v1') })),
    ).toEqual(['one']);
  });

  it('never hold a backend with weight 0', () => {
    expect(models(backendsOf({ model: 'off', weight: 0 }, { model: 'on' }))).toEqual(['on']);
    expect(models(backendsOf({ model: 'off', weight: 0 }))).toEqual([]);
  });
});
