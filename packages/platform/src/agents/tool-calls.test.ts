import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '#store';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { makeAgent, openTestStore, PAYER } from './__fixtures__/test-kit.ts';
import { createRunStore } from './run-store.ts';
import { newRun } from './start-run.ts';
import { type CallFacts, createToolCalls, type ToolCalls } from './tool-calls.ts';

let store: Store;
let clock: FakeClock;
let calls: ToolCalls;
let runId: string;
const ids = createSeededIds();

beforeEach(async () => {
  store = await openTestStore();
  clock = createFakeClock();
  calls = createToolCalls(store, clock);
  runId = await insertRun();
});
afterEach(() => store.close());

async function insertRun(): Promise<string> {
  const row = await newRun({ store, clock, ids }, makeAgent(), { input: 'Q', ...PAYER });
  await createRunStore(store, clock, 15_000).insert(row);
  return row.id;
}
const facts = (callId: string, more: Partial<CallFacts> = {}): CallFacts => ({ runId, callId, index: 0, tool: 'http', arguments: '{"url":"x"}', ...more });
const stateOf = async (callId: string): Promise<string | undefined> => (await calls.find({ runId, callId }))?.state;

describe('a tool call', () => {
  it('is unknown until it is written', async () => {
    expect(await calls.find({ runId, callId: 'a' })).toBeUndefined();
    expect(await calls.pending(runId)).toEqual([]);
  });

  it('keeps when it started, when it ended, and its result', async () => {
    await calls.markStarted(store.db, facts('a'));
    const startedMs = clock.nowMs();
    await clock.advance(250);
    await calls.markCompleted(store.db, { runId, callId: 'a' }, { content: 'done', isError: false });

    expect(await calls.find({ runId, callId: 'a' })).toMatchObject({
      state: 'completed',
      started_ms: startedMs,
      ended_ms: startedMs + 250,
      result: '{"content":"done","isError":false}',
    });
  });

  it('that is completed is never started or asked about again', async () => {
    await calls.markStarted(store.db, facts('a'));
    await calls.markCompleted(store.db, { runId, callId: 'a' }, { content: 'done' });
    const before = await calls.find({ runId, callId: 'a' });
    await clock.advance(1000);

    await calls.markStarted(store.db, facts('a'));
    await calls.ask(store.db, facts('a'), 'uncertain');
    expect(await calls.decide({ runId, callId: 'a' }, true)).toBe(false);

    expect(await calls.find({ runId, callId: 'a' })).toEqual(before);
  });

  it('is another one in another run, even under the same id', async () => {
    const first = runId;
    const second = await insertRun();
    await calls.markStarted(store.db, facts('a', { runId: first }));
    await calls.markCompleted(store.db, { runId: first, callId: 'a' }, { content: 'done' });
    await calls.ask(store.db, facts('a', { runId: second }), 'approval');

    expect((await calls.find({ runId: first, callId: 'a' }))?.state).toBe('completed');
    expect((await calls.find({ runId: second, callId: 'a' }))?.state).toBe('awaiting');
    expect(await calls.pending(first)).toEqual([]);
  });

  it('leaves nothing when its transaction is rolled back', async () => {
    await expect(
      store.db.transaction().execute(async (db) => {
        await calls.markStarted(db, facts('a'));
        throw new RangeError('stop');
      }),
    ).rejects.toThrow('stop');

    expect(await stateOf('a')).toBeUndefined();
  });
});

describe('a question to a person', () => {
  it('stands in the order of the steps, with arguments as the model meant them', async () => {
    await calls.ask(store.db, facts('late', { index: 7, arguments: 'not json' }), 'uncertain');
    await calls.ask(store.db, facts('early', { index: 2, tool: 'mail', arguments: '' }), 'approval');

    expect(await calls.pending(runId)).toEqual([
      { callId: 'early', tool: 'mail', arguments: {}, question: 'approval' },
      { callId: 'late', tool: 'http', arguments: 'not json', question: 'uncertain' },
    ]);
  });

  it('is answered once', async () => {
    await calls.ask(store.db, facts('a'), 'approval');

    expect(await calls.decide({ runId, callId: 'a' }, false)).toBe(true);
    expect(await calls.decide({ runId, callId: 'a' }, true)).toBe(false);
    expect(await stateOf('a')).toBe('denied');
    expect(await calls.pending(runId)).toEqual([]);
  });

  it('is answered by one of many who answer at once', async () => {
    await calls.ask(store.db, facts('a'), 'approval');

    const answers = await Promise.all([true, false, true, false].map((approved) => calls.decide({ runId, callId: 'a' }, approved)));

    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('that nobody asked has no answer', async () => {
    expect(await calls.decide({ runId, callId: 'unknown' }, true)).toBe(false);
    expect(await stateOf('unknown')).toBeUndefined();
  });
});

describe('any order of events', () => {
  type Event = 'started' | 'completed' | 'approval' | 'uncertain' | 'yes' | 'no';
  const event = fc.constantFrom<Event>('started', 'completed', 'approval', 'uncertain', 'yes', 'no');

  /** What the table must say after an event, in the plainest form. */
  function next(state: string | undefined, kind: Event): string | undefined {
    if (kind === 'completed') return state === undefined ? undefined : 'completed';
    if (kind === 'yes' || kind === 'no') return state === 'awaiting' ? (kind === 'yes' ? 'approved' : 'denied') : state;
    if (state === 'completed') return 'completed';
    return kind === 'started' ? 'started' : 'awaiting';
  }

  async function apply(kind: Event, callId: string): Promise<void> {
    const key = { runId, callId };
    if (kind === 'started') await calls.markStarted(store.db, facts(callId));
    else if (kind === 'completed') await calls.markCompleted(store.db, key, { content: 'done' });
    else if (kind === 'approval' || kind === 'uncertain') await calls.ask(store.db, facts(callId), kind);
    else await calls.decide(key, kind === 'yes');
  }

  it('ends where it should, and never leaves `completed`', async () => {
    let call = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
        call += 1;
        const callId = `call-${call}`;
        let expected: string | undefined;
        for (const kind of events) {
          await apply(kind, callId);
          expected = next(expected, kind);
          expect(await stateOf(callId)).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  });
});
