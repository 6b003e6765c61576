import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { BandQueue } from './band-queue.ts';
import { createFlowControl } from './flow-control.ts';
import type { Waiter } from './waiter.ts';

const NO_LIMITS = { maxRequests: 1e9, maxBytes: 1e12, maxRequestsPerTenant: 1e9 };
const QUANTUM = 2048;

const waiter = (more: Partial<Waiter>): Waiter => ({ priority: 0, tenant: 't', program: 'p', costTokens: 1, bytes: 0, sinceMs: 0, ...more });

const costs = fc.integer({ min: 1, max: 20_000 });

function take(queue: BandQueue): Waiter | undefined {
  const next = queue.head();
  if (next !== undefined) queue.remove(next, true);
  return next;
}

describe('fairness inside a band', () => {
  it('gives tenants that always wait equal tokens, up to one quantum and their longest request', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(costs, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 20, max: 300 }),
        (mixes, turns) => {
          const queue = new BandQueue(NO_LIMITS);
          const sent = mixes.map(() => 0);
          const next = mixes.map(() => 0);
          const refill = (index: number): void => {
            const mix = mixes[index] ?? [1];
            queue.add(waiter({ tenant: String(index), costTokens: mix[(next[index] ?? 0) % mix.length] ?? 1 }));
            next[index] = (next[index] ?? 0) + 1;
          };
          // Two of each, so that nobody ever runs out.
          for (const index of mixes.keys()) for (let copy = 0; copy < 2; copy += 1) refill(index);
          for (let turn = 0; turn < turns; turn += 1) {
            const served = take(queue);
            const index = Number(served?.tenant);
            sent[index] = (sent[index] ?? 0) + (served?.costTokens ?? 0);
            refill(index);
          }
          const longest = Math.max(...mixes.flat());
          expect(Math.max(...sent) - Math.min(...sent)).toBeLessThanOrEqual(QUANTUM + 2 * longest);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('lets nobody starve: every request goes before others of its band have sent a bounded number of tokens', () => {
    fc.assert(
      fc.property(costs, costs, (mine, theirs) => {
        const queue = new BandQueue(NO_LIMITS);
        queue.add(waiter({ tenant: 'flood', costTokens: theirs }));
        queue.add(waiter({ tenant: 'mine', costTokens: mine }));
        let before = 0;
        for (let served = take(queue); served?.tenant !== 'mine'; served = take(queue)) {
          before += served?.costTokens ?? 0;
          queue.add(waiter({ tenant: 'flood', costTokens: theirs }));
        }
        expect(before).toBeLessThanOrEqual(mine + theirs + 2 * QUANTUM);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the order of one program', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ tenant: fc.constantFrom('a', 'b'), program: fc.constantFrom('x', 'y'), costTokens: costs }), { maxLength: 60 }),
        (list) => {
          const queue = new BandQueue(NO_LIMITS);
          for (const [index, each] of list.entries()) queue.add(waiter({ ...each, sinceMs: index }));
          const last = new Map<string, number>();
          for (let served = take(queue); served !== undefined; served = take(queue)) {
            const key = `${served.tenant} ${served.program}`;
            expect(served.sinceMs).toBeGreaterThan(last.get(key) ?? -1);
            last.set(key, served.sinceMs);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('never serves a lower band while a higher one waits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ priority: fc.integer({ min: -2, max: 2 }), tenant: fc.constantFrom('a', 'b'), costTokens: costs }), { maxLength: 60 }),
        (list) => {
          const queue = new BandQueue(NO_LIMITS);
          for (const each of list) queue.add(waiter(each));
          let before = Number.POSITIVE_INFINITY;
          for (let served = take(queue); served !== undefined; served = take(queue)) {
            expect(served.priority).toBeLessThanOrEqual(before);
            before = served.priority;
          }
          expect(queue.size).toBe(0);
          expect(queue.bytes).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** A random life of one lane in which time stands still: requests come, go, leave and are shed. */
function live(seed: number, steps: number): { readonly log: string[]; readonly unknown: number } {
  const random = createRandom(seed);
  let free = 0;
  const clock = { nowMs: () => 0, monotonicMs: () => 0, schedule: () => ({ cancel: () => undefined }), sleep: () => Promise.resolve() };
  const flow = createFlowControl(clock);
  const limits = { maxRequests: 20, maxBytes: 4000, maxRequestsPerTenant: 12 };
  const model = { model: 'm', settings: { saturation: { queueDepth: 5, kvUse: 1 }, limits, maxWaitMs: 1000 }, hasRoom: () => free > 0 };
  const log: string[] = [];
  const fates = new Map<number, string>();
  const tickets = new Map<number, { leave(): void }>();
  const end = (id: number, fate: string): void => {
    expect(fates.get(id)).toBe('waits');
    fates.set(id, fate);
    tickets.delete(id);
    log.push(`${fate} ${id}`);
  };
  for (let id = 0; id < steps; id += 1) {
    const turn = random();
    const [ticketId, ticket] = [...tickets][Math.floor(random() * tickets.size)] ?? [];
    if (turn < 0.6) {
      fates.set(id, 'waits');
      const request = {
        priority: Math.floor(random() * 3),
        tenant: String(Math.floor(random() * 4)),
        program: String(Math.floor(random() * 2)),
        costTokens: Math.floor(random() * 5000),
        bytes: Math.floor(random() * 300),
      };
      const made = flow.wait(model, request, {
        go: () => {
          free -= 1;
          end(id, 'went');
        },
        shed: () => end(id, 'shed'),
      });
      if (made !== undefined) tickets.set(id, made);
    } else if (turn < 0.85) {
      free += 1;
      flow.freed('m');
    } else if (ticket !== undefined && ticketId !== undefined) {
      ticket.leave();
      end(ticketId, 'left');
    }
    const waiting = flow.counts().reduce((sum, count) => sum + count.waiting, 0);
    // Nobody waits while there is room, and everybody who waits has a ticket.
    expect(free > 0 && waiting > 0).toBe(false);
    expect(waiting).toBe(tickets.size);
  }
  free = 1e9;
  flow.freed('m');
  return { log, unknown: [...fates.values()].filter((fate) => fate === 'waits').length };
}

describe('flow control over a random life', () => {
  it('is work conserving, loses nobody, and does the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const first = live(seed, 150);
        expect(first.unknown).toBe(0);
        expect(live(seed, 150).log).toEqual(first.log);
      }),
      { numRuns: 30 },
    );
  });
});
