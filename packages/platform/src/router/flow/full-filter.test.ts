import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import type { RouterEndpoint } from '../ports.ts';
import { promptFactsOf } from '../prompt/prompt-facts.ts';
import { createRouter } from '../router.ts';

const saturation = { queueDepth: 5, kvUse: 0.95 };

function setUp(waiting: Readonly<Record<string, number>>) {
  const router = createRouter({ clock: createFakeClock(), ids: createSeededIds(1) });
  const endpoints = Object.entries(waiting).map(
    ([endpoint, count]): RouterEndpoint => ({ endpoint, load: () => ({ running: 9, waiting: count, reports: 'fresh' }) }),
  );
  let number = 0;
  const pick = ({ waits = true } = {}) => {
    number += 1;
    const facts = promptFactsOf({ prompt: 'a question' });
    return router.pickEndpoint(
      { requestId: `r${number}`, traceId: '', route: 'r', model: 'm', facts, policy: 'round-robin', saturation: waits ? saturation : undefined },
      endpoints,
    );
  };
  return { router, endpoints, pick };
}

describe('a full endpoint', () => {
  it('gets nothing while another one has room, whatever the policy would do', () => {
    const { pick } = setUp({ a: 7, b: 4, c: 50 });

    expect(Array.from({ length: 6 }, () => pick().endpoint.endpoint)).toEqual(['b', 'b', 'b', 'b', 'b', 'b']);
  });

  it('is named in the decision', () => {
    const { router, pick } = setUp({ a: 7, b: 4 });

    const { decision } = pick();

    expect(router.decision(decision.id)?.candidates.map(({ endpoint, removedBy }) => [endpoint, removedBy])).toEqual([
      ['a', 'full'],
      ['b', undefined],
    ]);
  });

  it('is taken where all are full, and where nobody waits for room', () => {
    const full = setUp({ a: 7, b: 9 });
    const mixed = setUp({ a: 7, b: 0 });
    const both = new Set(['a', 'b']);

    expect(new Set(Array.from({ length: 4 }, () => full.pick().endpoint.endpoint))).toEqual(both);
    expect(new Set(Array.from({ length: 4 }, () => mixed.pick({ waits: false }).endpoint.endpoint))).toEqual(both);
  });
});
