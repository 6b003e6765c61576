import type { RouteDecision } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import { createDecisionLog } from './decision-log.ts';

const decision = (id: string, facts: Partial<RouteDecision> = {}): RouteDecision => ({
  id,
  requestId: `r-${id}`,
  traceId: `t-${id}`,
  atMs: 0,
  route: 'auto',
  model: 'm',
  reason: '',
  policy: 'maru',
  candidates: [],
  chosen: 'a',
  promptTokens: 1,
  expectedCachedTokens: 0,
  realisedCachedTokens: null,
  realisedTtftMs: null,
  realisedMs: null,
  outcome: null,
  ...facts,
});

describe('decision log', () => {
  it('keeps the newest and gives them newest first', () => {
    const log = createDecisionLog<RouteDecision>(2);
    for (const id of ['1', '2', '3']) log.put(decision(id));

    expect(log.recent().map((each) => each.id)).toEqual(['3', '2']);
    expect(log.get('1')).toBeUndefined();
  });

  it('keeps the place of a decision that is completed later', () => {
    const log = createDecisionLog<RouteDecision>(2);
    log.put(decision('1'));
    log.put(decision('2'));

    log.put(decision('1', { realisedCachedTokens: 7 }));

    expect(log.recent().map((each) => [each.id, each.realisedCachedTokens])).toEqual([
      ['2', null],
      ['1', 7],
    ]);
  });

  it.each([
    [{ route: 'x' }, ['2']],
    [{ model: 'y' }, ['3']],
    [{ endpoint: 'z' }, ['4']],
    [{ requestId: 'r-1' }, ['1']],
    [{ traceId: 't-3' }, ['3']],
    [{ route: 'x', model: 'y' }, []],
    [{ limit: 2 }, ['4', '3']],
    [{ limit: 0 }, []],
  ])('finds decisions by %j', (filter, ids) => {
    const log = createDecisionLog<RouteDecision>(10);
    for (const each of [decision('1'), decision('2', { route: 'x' }), decision('3', { model: 'y' }), decision('4', { chosen: 'z' })]) log.put(each);

    expect(log.recent(filter).map((each) => each.id)).toEqual(ids);
  });
});
