import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, pickNext } from './pick-next.ts';

const candidate = (tenant: string, batchId: string, createdMs = 0): Candidate => ({ tenant, batchId, createdMs });

describe('the next line', () => {
  it('is one of the tenant that has the fewest running', () => {
    const candidates = [candidate('a', '1'), candidate('b', '2')];

    expect(pickNext(candidates, { running: new Map([['a', 2]]), served: new Map() })?.tenant).toBe('b');
    expect(pickNext(candidates, { running: new Map([['b', 2]]), served: new Map() })?.tenant).toBe('a');
    expect(pickNext([], { running: new Map(), served: new Map() })).toBeUndefined();
  });

  it('is one of the oldest batch of a tenant', () => {
    expect(pickNext([candidate('a', 'young', 5), candidate('a', 'old', 1)], { running: new Map(), served: new Map() })?.batchId).toBe('old');
  });

  it('gives every tenant the same share, however many batches it has', () => {
    const batchCounts = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(batchCounts, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 20, max: 200 }), (counts, places, lines) => {
        const candidates = counts.flatMap((count, tenant) => Array.from({ length: count }, (_, batch) => candidate(`t${tenant}`, `b${tenant}-${batch}`)));
        const running = new Map<string, number>();
        const served = new Map<string, number>();
        const got = new Map<string, number>();
        const flying: string[] = [];
        for (let line = 1; line <= lines; line += 1) {
          if (flying.length === places) {
            const done = flying.shift() ?? '';
            running.set(done, (running.get(done) ?? 1) - 1);
          }
          const { tenant } = pickNext(candidates, { running, served }) ?? candidate('', '');
          running.set(tenant, (running.get(tenant) ?? 0) + 1);
          served.set(tenant, line);
          got.set(tenant, (got.get(tenant) ?? 0) + 1);
          flying.push(tenant);
        }
        const shares = counts.map((_, tenant) => got.get(`t${tenant}`) ?? 0);

        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
