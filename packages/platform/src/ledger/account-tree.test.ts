import { isPlatformError } from '@maru/api/errors';
import { TENANT_LEVELS } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, createFakeClock } from '#time';
import { askFor, factsOf, openTestLedger, type TestLedger } from './__fixtures__/open-ledger.ts';
import type { Principal } from './principal.ts';

const START_MS = Date.parse('2026-10-31T22:10:00Z');
const HOUR_MS = 3_600_000;
const LEVELS = [...TENANT_LEVELS, 'key'] as const;
type Level = (typeof LEVELS)[number];

interface Rule {
  readonly level: Level;
  readonly usd: number;
  readonly window: string;
  readonly mode: 'hard' | 'soft';
}

interface Step {
  readonly waitMs: number;
  /** Which of two branches of the tree asks. */
  readonly branch: 0 | 1;
  readonly estimate: number;
  /** How much of it is used; undefined when the call made nothing. */
  readonly used: number | undefined;
}

const rule: fc.Arbitrary<Rule> = fc.record({
  level: fc.constantFrom(...LEVELS),
  usd: fc.integer({ min: 0, max: 40 }),
  window: fc.constantFrom('hour', 'day', 'month', 'total', '1h', '10m'),
  mode: fc.constantFrom('hard', 'hard', 'soft'),
});
const step: fc.Arbitrary<Step> = fc
  .record({
    waitMs: fc.constantFrom(0, 1000, 5 * 60_000, 40 * 60_000, HOUR_MS),
    branch: fc.constantFrom(0 as const, 1 as const),
    estimate: fc.integer({ min: 0, max: 12 }),
    share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  })
  .map(({ share, ...each }) => ({ ...each, used: share === undefined ? undefined : Math.floor(share * each.estimate) }));

/** Where a charge of a branch counts: what stands high in the tree is shared, what stands low is not. */
const ownerOf = (level: Level, branch: 0 | 1): string => (level === 'organisation' || level === 'tag' ? level : `${level}-${branch}`);

/** A plain count of what was spent, with nothing of the code that is under test. */
class Naive {
  readonly #spent: { readonly atMs: number; readonly owner: string; readonly dollars: number }[] = [];

  fits(rules: readonly Rule[], branch: 0 | 1, { estimate, atMs }: { readonly estimate: number; readonly atMs: number }): boolean {
    return rules.every((each) => each.mode === 'soft' || this.#within(each, ownerOf(each.level, branch), atMs) + estimate <= each.usd);
  }

  add(branch: 0 | 1, dollars: number, atMs: number): void {
    for (const level of LEVELS) this.#spent.push({ atMs, owner: ownerOf(level, branch), dollars });
  }

  #within({ window }: Rule, owner: string, nowMs: number): number {
    let sum = 0;
    for (const each of this.#spent) if (each.owner === owner && counts(window, each.atMs, nowMs)) sum += each.dollars;
    return sum;
  }
}

function counts(window: string, atMs: number, nowMs: number): boolean {
  const [then, now] = [new Date(atMs).toISOString(), new Date(nowMs).toISOString()];
  if (window === 'total') return true;
  if (window === 'month') return then.slice(0, 7) === now.slice(0, 7);
  if (window === 'day') return then.slice(0, 10) === now.slice(0, 10);
  if (window === 'hour') return then.slice(0, 13) === now.slice(0, 13);
  const stepMs = window === '1h' ? 60_000 : 10_000;
  return Math.floor(nowMs / stepMs) - Math.floor(atMs / stepMs) < 60;
}

const budgetsOf = (rules: readonly Rule[], level: Level) =>
  rules.filter((each) => each.level === level).map(({ usd, window, mode }) => ({ usd, window, mode, warnAtPercent: 80 }));

/** Two branches under one organisation: a team, a project, a user, a key and an end user each, and one tag on everything. */
async function plant({ ledger }: TestLedger, rules: readonly Rule[]): Promise<readonly Principal[]> {
  await ledger.putAccount({ level: 'organisation', name: 'organisation', spec: { budgets: budgetsOf(rules, 'organisation') } });
  await ledger.putAccount({ level: 'tag', name: 'tag', spec: { budgets: budgetsOf(rules, 'tag') } });
  const keys: Principal[] = [];
  for (const branch of [0, 1] as const) {
    const put = (level: (typeof TENANT_LEVELS)[number], parent?: string) =>
      ledger.putAccount({ level, name: ownerOf(level, branch), spec: { budgets: budgetsOf(rules, level), ...(parent === undefined ? {} : { parent }) } });
    await put('team', 'organisation');
    await put('project', ownerOf('team', branch));
    await put('user');
    await put('end-user');
    const { secret } = await ledger.createKey({
      tenant: ownerOf('project', branch),
      user: ownerOf('user', branch),
      name: ownerOf('key', branch),
      tags: ['tag'],
      budgets: budgetsOf(rules, 'key'),
    });
    keys.push(await ledger.authenticate(secret));
  }
  return keys;
}

interface Sleeper {
  readonly test: TestLedger;
  readonly clock: Clock;
  /** Time goes on while nothing runs, as on a machine that was asleep; then what was due runs. */
  pass(ms: number): Promise<void>;
}

async function open(): Promise<Sleeper> {
  const timers = createFakeClock(START_MS);
  let sleptMs = 0;
  const clock: Clock = { ...timers, nowMs: () => timers.nowMs() + sleptMs, monotonicMs: () => timers.monotonicMs() + sleptMs };
  const test = await openTestLedger({ clock });
  return {
    test,
    clock,
    pass: async (ms) => {
      const awakeMs = Math.min(ms, 200);
      sleptMs += ms - awakeMs;
      await timers.advance(awakeMs);
    },
  };
}

describe('budgets of organisation, team, project, user, key, end user and tag', () => {
  it('admit exactly what a plain count of all charges allows, in every window at once, and soft ones refuse nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 12 }), fc.array(step, { minLength: 1, maxLength: 25 }), async (rules, steps) => {
        const { test, clock, pass } = await open();
        const keys = await plant(test, rules);
        const naive = new Naive();
        for (const { waitMs, branch, estimate, used } of steps) {
          if (waitMs > 0) await pass(waitMs);
          const atMs = clock.nowMs();
          const key = keys[branch];
          if (key === undefined) throw new Error('no such branch');
          const expected = naive.fits(rules, branch, { estimate, atMs });
          const admitted = await (async () => test.ledger.admit(key, { ...askFor(estimate), endUser: ownerOf('end-user', branch) }))().catch(
            (error: unknown) => {
              if (!isPlatformError(error, 'quota_exceeded')) throw error;
              return undefined;
            },
          );

          expect(admitted !== undefined, `${JSON.stringify({ rules, steps })} at ${new Date(atMs).toISOString()}`).toBe(expected);
          if (admitted === undefined) continue;
          if (used === undefined) test.ledger.release(admitted);
          else {
            test.ledger.settle(admitted, factsOf(used));
            naive.add(branch, used, atMs);
          }
        }
        await test.remove();
      }),
      { numRuns: 25 },
    );
  });

  it.each(LEVELS)('of the level %s say in the refusal which one, what was spent, the limit and when it begins anew', async (level) => {
    const { test, pass } = await open();
    const [key] = await plant(test, [{ level, usd: 5, window: 'day', mode: 'hard' }]);
    if (key === undefined) throw new Error('no key');
    const ask = async (dollars: number) => test.ledger.admit(key, { ...askFor(dollars), endUser: ownerOf('end-user', 0) });
    test.ledger.settle(await ask(4), factsOf(3));

    await expect(ask(3)).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('$3.00 spent and $0.00 reserved of $5.00'),
      details: { spentNanoUsd: 3e9, reservedNanoUsd: 0, limitNanoUsd: 5e9, estimateNanoUsd: 3e9, resetMs: Date.parse('2026-11-01T00:00:00Z') },
      retryAfterS: 110 * 60,
    });
    await pass(110 * 60_000);
    await ask(5);
    await test.remove();
  });

  it('hold for both branches together where they meet, and for each alone where they part', async () => {
    const { test } = await open();
    const [first, second] = await plant(test, [
      { level: 'organisation', usd: 10, window: 'total', mode: 'hard' },
      { level: 'team', usd: 7, window: 'total', mode: 'hard' },
    ]);
    if (first === undefined || second === undefined) throw new Error('no keys');
    const ask = async (key: Principal, dollars: number) => test.ledger.admit(key, askFor(dollars));
    test.ledger.settle(await ask(first, 7), factsOf(7));

    await expect(ask(first, 1)).rejects.toMatchObject({ details: { budget: 'tenant/team-0/total' } });
    await expect(ask(second, 4)).rejects.toMatchObject({ details: { budget: 'tenant/organisation/total' } });
    test.ledger.settle(await ask(second, 3), factsOf(3));
    await expect(ask(second, 1)).rejects.toMatchObject({ details: { budget: 'tenant/organisation/total' } });
    await test.remove();
  });
});
