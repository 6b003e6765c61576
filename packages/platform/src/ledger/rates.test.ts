import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, openTestLedger, tenantOf, usageOf } from './__fixtures__/open-ledger.ts';
import type { Reservation } from './reservation.ts';

const MINUTE = 60_000;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('admit' as const), key: fc.nat(1), tokens: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(10), used: fc.integer({ min: 0, max: 60 }), release: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 20_000, 59_999, MINUTE) }) },
);
const limits = fc.record({
  requestsPerMinute: fc.integer({ min: 1, max: 6 }),
  tokensPerMinute: fc.integer({ min: 30, max: 200 }),
  concurrentRequests: fc.integer({ min: 1, max: 4 }),
});

interface Taken {
  readonly atMs: number;
  readonly key: number;
  tokens: number;
  running: boolean;
}

describe('rates of keys and their tenant', () => {
  it('admit exactly what a plain count of this second and the 59 before it allows', async () => {
    await fc.assert(
      fc.asyncProperty(limits, limits, fc.array(step, { maxLength: 50 }), async (ofKey, ofTenant, steps) => {
        const test = await openTestLedger();
        test.ledger.setTenants([tenantOf('team', { limits: ofTenant })]);
        const principals = await Promise.all(
          [0, 1].map(async (index) => {
            const { secret } = await test.ledger.createKey({ tenant: 'team', name: `k${index}`, limits: ofKey });
            return test.ledger.authenticate(secret);
          }),
        );
        const taken: Taken[] = [];
        const open: { reservation: Reservation; entry: Taken }[] = [];
        const fits = (limit: typeof ofKey, mine: readonly Taken[], tokens: number): boolean => {
          const second = (atMs: number): number => Math.floor(atMs / 1000);
          const recent = mine.filter((each) => second(each.atMs) > second(test.clock.nowMs()) - 60);
          return (
            mine.filter((each) => each.running).length < limit.concurrentRequests &&
            recent.length < limit.requestsPerMinute &&
            recent.reduce((sum, each) => sum + each.tokens, 0) + tokens <= limit.tokensPerMinute
          );
        };

        for (const each of steps) {
          if (each.kind === 'wait') await test.clock.advance(each.ms);
          else if (each.kind === 'admit') {
            const principal = principals[each.key];
            if (principal === undefined) continue;
            const mine = taken.filter((one) => one.key === each.key);
            const expected = fits(ofKey, mine, each.tokens) && fits(ofTenant, taken, each.tokens);
            try {
              const reservation = await test.ledger.admit(principal, { requestedModel: 'auto', estimate: usageOf({ outputTokens: each.tokens }), prices: [] });
              const entry = { atMs: test.clock.nowMs(), key: each.key, tokens: each.tokens, running: true };
              taken.push(entry);
              open.push({ reservation, entry });
              expect(expected).toBe(true);
            } catch (error) {
              expect(error).toMatchObject({ code: 'rate_limited', status: 429 });
              expect(expected).toBe(false);
            }
          } else {
            const [ended] = open.splice(each.pick % Math.max(1, open.length), 1);
            if (ended === undefined) continue;
            ended.entry.running = false;
            ended.entry.tokens = each.release ? 0 : each.used;
            if (each.release) test.ledger.release(ended.reservation);
            else test.ledger.settle(ended.reservation, factsOf(0, { usage: usageOf({ outputTokens: each.used }) }));
          }
        }
        await test.remove();
      }),
      { numRuns: 35 },
    );
  });
});
