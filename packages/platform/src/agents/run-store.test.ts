import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '#store';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { makeAgent, openTestStore, PAYER } from './__fixtures__/test-kit.ts';
import { isEnded, toRun } from './run-row.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { newRun } from './start-run.ts';

const TTL = 15_000;
let store: Store;
let clock: FakeClock;
let runs: RunStore;
beforeEach(async () => {
  store = await openTestStore();
  clock = createFakeClock();
  runs = createRunStore(store, clock, TTL);
});
afterEach(() => store.close());

const ids = createSeededIds();
async function insert(): Promise<string> {
  const row = await newRun({ store, clock, ids }, makeAgent(), { input: 'Q', ...PAYER });
  await runs.insert(row);
  return row.id;
}
async function claim(id: string, holder = 'one') {
  const claimed = await runs.claim(id, holder);
  if (claimed === undefined) throw new RangeError('the run is held');
  return claimed.claim;
}

describe('the lease of a run', () => {
  it('has one holder at a time', async () => {
    const id = await insert();

    expect(await runs.claim(id, 'one')).toMatchObject({ claim: { runId: id, holder: 'one', fence: 1 }, row: { state: 'running' } });
    expect(await runs.claim(id, 'two')).toBeUndefined();
    expect(await runs.claim(id, 'one')).toBeUndefined();
  });

  it('goes to one of many who want it at once', async () => {
    const id = await insert();

    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => runs.claim(id, holder)));

    expect(claims.filter((claimed) => claimed !== undefined)).toHaveLength(1);
  });

  it('is taken by another when it has run out, who then has a higher fence', async () => {
    const id = await insert();
    const first = await claim(id, 'one');
    await clock.advance(TTL);

    expect((await runs.claim(id, 'two'))?.claim.fence).toBe(2);
    await expect(runs.renew(first, 0)).rejects.toMatchObject({ code: 'lease_lost' });
    await expect(runs.guard(store.db, first)).rejects.toMatchObject({ code: 'lease_lost' });
    await expect(runs.end(first, { state: 'succeeded' })).rejects.toMatchObject({ code: 'lease_lost' });
    expect((await runs.get(id))?.state).toBe('running');
  });

  it('lasts as long as it is renewed', async () => {
    const id = await insert();
    const held = await claim(id);

    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(TTL - 1);
      await runs.renew(held, TTL - 1);
    }

    expect(await runs.claim(id, 'two')).toBeUndefined();
    expect((await runs.get(id))?.active_ms).toBe(5 * (TTL - 1));
  });

  it('keeps the time at which the run first began', async () => {
    const id = await insert();
    await claim(id);
    const started = (await runs.get(id))?.started_ms;
    await clock.advance(TTL);
    await claim(id, 'two');

    expect((await runs.get(id))?.started_ms).toBe(started);
  });

  it('can not be had for a run that has ended or waits', async () => {
    const ended = await insert();
    await runs.end(await claim(ended), { state: 'failed', error: { code: 'internal', message: 'x' } });
    const waiting = await insert();
    await runs.pause(await claim(waiting), 'waiting');

    expect(await runs.claim(ended, 'two')).toBeUndefined();
    expect(await runs.claim(waiting, 'two')).toBeUndefined();
    await runs.requeue(waiting);
    expect(await runs.claim(waiting, 'two')).toBeDefined();
  });

  it('is dropped for all but one holder', async () => {
    const [mine, theirs] = [await insert(), await insert()];
    await claim(mine, 'me');
    await claim(theirs, 'them');

    await runs.dropLeases('me');

    expect(await runs.unattended(10)).toEqual([theirs]);
  });
});

describe('runs that nobody works on', () => {
  it('are found oldest first, up to a limit', async () => {
    const made: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      made.push(await insert());
      await clock.advance(1);
    }
    await claim(made[1] ?? '');

    expect(await runs.unattended(2)).toEqual([made[0], made[2]]);
    await clock.advance(TTL);
    expect(await runs.unattended(10)).toEqual(made);
  });

  it('are cancelled on the spot; others hear of it with their next sign of life', async () => {
    const [idle, held] = [await insert(), await insert()];
    const working = await claim(held);

    expect((await runs.requestCancel(idle))?.state).toBe('cancelled');
    expect((await runs.requestCancel(held))?.state).toBe('running');
    expect(await runs.renew(working, 0)).toEqual({ cancelRequested: true });
    expect(await runs.requestCancel('run_x')).toBeUndefined();
  });

  it('stay what they are when they have ended', async () => {
    const id = await insert();
    await runs.end(await claim(id), { state: 'succeeded', output: { text: 'x' } });

    expect((await runs.requestCancel(id))?.state).toBe('succeeded');
    expect((await runs.get(id))?.cancel_requested).toBe(0);
  });
});

describe('the row of a run', () => {
  it('is written once', async () => {
    const row = await newRun({ store, clock, ids }, makeAgent(), { input: 'Q', ...PAYER });

    expect(await runs.insert(row)).toBe(true);
    expect(await runs.insert({ ...row, input: '"other"' })).toBe(false);
    expect((await runs.get(row.id))?.input).toBe('{"input":"Q"}');
  });

  it('becomes the record that others see', async () => {
    const id = await insert();
    await runs.end(await claim(id), { state: 'failed', error: { code: 'agent_loop', message: 'round and round' } });
    const row = await runs.get(id);

    expect(row && toRun(row)).toMatchObject({
      id,
      kind: 'agent',
      resource: 'guide',
      state: 'failed',
      error: { code: 'agent_loop', message: 'round and round' },
    });
    expect(isEnded('failed') && isEnded('cancelled') && isEnded('succeeded')).toBe(true);
    expect(isEnded('waiting') || isEnded('queued') || isEnded('running')).toBe(false);
  });

  it('says that it is corrupt instead of guessing', async () => {
    const id = await insert();
    await store.db.updateTable('agent_run').set({ input: '{"a":' }).execute();
    const row = await runs.get(id);

    expect(() => row && toRun(row)).toThrow(expect.objectContaining({ code: 'data_corrupt' }));
  });
});
