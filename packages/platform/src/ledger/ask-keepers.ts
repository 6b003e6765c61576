import type { Clock } from '#time';
import type { QuotaKeeper } from './quota-keepers.ts';
import type { QuotaAnswer, QuotaAsk } from './quota-store.ts';

interface KeptAsk {
  readonly keeper: QuotaKeeper;
  readonly ask: QuotaAsk;
}

export interface KeptAnswer {
  readonly answer: QuotaAnswer;
  /** When the store was asked, monotonic. */
  readonly sent: number;
}

/**
 * Asks every keeper for its part, one after the other: a request gets all that it asks for or nothing, also of several stores. Undefined for
 * what was not asked for because something before it was not granted.
 */
export async function askKeepers(asks: readonly KeptAsk[], clock: Clock): Promise<readonly (KeptAnswer | undefined)[]> {
  const answers: (KeptAnswer | undefined)[] = asks.map(() => undefined);
  const groups = [...Map.groupBy(asks.keys(), (index) => asks[index]?.keeper)].flatMap(([keeper, indexes]) =>
    keeper === undefined ? [] : [{ keeper, indexes }],
  );
  const granted: typeof groups = [];
  for (const group of groups) {
    await askOne(asks, answers, { ...group, clock, gives: false });
    if (group.indexes.every((index) => answers[index]?.answer.verdict === 'granted')) {
      granted.push(group);
      continue;
    }
    // Nobody holds a part while waiting for the rest: what was granted before goes back.
    for (const earlier of granted) await askOne(asks, answers, { ...earlier, clock, gives: true });
    break;
  }
  return answers;
}

async function askOne(
  asks: readonly KeptAsk[],
  answers: (KeptAnswer | undefined)[],
  { keeper, indexes, clock, gives }: { keeper: QuotaKeeper; indexes: readonly number[]; clock: Clock; gives: boolean },
): Promise<void> {
  const own = indexes.flatMap((index) => asks[index]?.ask ?? []);
  const sent = clock.monotonicMs();
  // A report that comes again bears its number, and changes nothing.
  const { answers: given, nowMs } = await keeper.store.exchange(gives ? own.map((ask) => ({ ...ask, needed: 0 })) : own);
  keeper.time.learn({ storeMs: nowMs, sent, received: clock.monotonicMs() });
  for (const [at, index] of indexes.entries()) {
    const answer = given[at];
    if (answer !== undefined) answers[index] = { answer: gives ? { ...answer, verdict: 'granted' } : answer, sent };
  }
}
