import { emptyCheckpoint, uuid6 } from '@langchain/langgraph-checkpoint';
import type { KyselyPlugin } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '#store';
import { openTestStore } from '../__fixtures__/test-kit.ts';
import { StoreCheckpointer } from './checkpointer.ts';

let store: Store;
let saver: StoreCheckpointer;
beforeEach(async () => {
  store = await openTestStore();
  saver = new StoreCheckpointer(store);
});
afterEach(() => store.close());

let clock = 0;
const makeCheckpoint = (values: Record<string, unknown> = {}) => {
  clock += 1;
  return { ...emptyCheckpoint(), id: uuid6(clock), channel_values: values };
};
const thread = (id: string, extra: Record<string, string> = {}) => ({ configurable: { thread_id: id, checkpoint_ns: '', ...extra } });
const META = { source: 'loop' as const, step: 1, parents: {} };

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('put and getTuple', () => {
  it('give back what was put, with its metadata and its parent', async () => {
    const first = makeCheckpoint({ messages: ['one'], step: 1 });
    const second = makeCheckpoint({ messages: ['one', 'two'], step: 2 });
    const afterFirst = await saver.put(thread('a'), first, META);
    const afterSecond = await saver.put(afterFirst, second, { ...META, step: 2 });

    const tuple = await saver.getTuple(afterSecond);

    expect(tuple?.checkpoint).toEqual(second);
    expect(tuple?.metadata).toMatchObject({ source: 'loop', step: 2 });
    expect(tuple?.config).toEqual({ configurable: { thread_id: 'a', checkpoint_ns: '', checkpoint_id: second.id } });
    expect(tuple?.parentConfig).toEqual({ configurable: { thread_id: 'a', checkpoint_ns: '', checkpoint_id: first.id } });
  });

  it('find the newest of a thread when none is named', async () => {
    await saver.put(thread('a'), makeCheckpoint(), META);
    const newest = makeCheckpoint({ x: 1 });
    await saver.put(thread('a'), newest, META);

    expect((await saver.getTuple({ configurable: { thread_id: 'a' } }))?.checkpoint.id).toBe(newest.id);
    expect((await saver.get({ configurable: { thread_id: 'a' } }))?.id).toBe(newest.id);
  });

  it('keep threads and namespaces apart', async () => {
    const outer = makeCheckpoint({ where: 'outer' });
    const inner = makeCheckpoint({ where: 'inner' });
    await saver.put(thread('a'), outer, META);
    await saver.put(thread('a', { checkpoint_ns: 'child' }), inner, META);

    expect((await saver.getTuple(thread('a')))?.checkpoint.channel_values).toEqual({ where: 'outer' });
    expect((await saver.getTuple(thread('a', { checkpoint_ns: 'child' })))?.checkpoint.channel_values).toEqual({ where: 'inner' });
    expect(await saver.getTuple(thread('b'))).toBeUndefined();
  });

  it('know nothing of a checkpoint that was never put', async () => {
    await saver.put(thread('a'), makeCheckpoint(), META);

    expect(await saver.getTuple(thread('a', { checkpoint_id: 'nope' }))).toBeUndefined();
    expect(await saver.getTuple({ configurable: {} })).toBeUndefined();
  });

  it('replace a checkpoint that is put again', async () => {
    const checkpoint = makeCheckpoint({ x: 1 });
    await saver.put(thread('a'), checkpoint, META);
    await saver.put(thread('a'), { ...checkpoint, channel_values: { x: 2 } }, META);

    expect((await saver.getTuple(thread('a')))?.checkpoint.channel_values).toEqual({ x: 2 });
    expect(await collect(saver.list(thread('a')))).toHaveLength(1);
  });

  it('keep Korean, emoji, nested values and bytes', async () => {
    const values = { text: '안녕하세요 🙂 "quotes" \\ \n', nested: { list: [1, null, { deep: true }] }, bytes: new Uint8Array([0, 255, 7]) };
    await saver.put(thread('a'), makeCheckpoint(values), META);

    expect((await saver.getTuple(thread('a')))?.checkpoint.channel_values).toEqual(values);
  });

  it('refuse to put without a thread', async () => {
    await expect(saver.put({ configurable: {} }, makeCheckpoint(), META)).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('putWrites', () => {
  const put = async () => saver.put(thread('a'), makeCheckpoint(), META);

  it('keeps pending writes with their checkpoint, in the order of the super-step', async () => {
    const config = await put();
    await saver.putWrites(config, [['second', 'b']], 'task-1', '~__pregel_pull, z');
    await saver.putWrites(
      config,
      [
        ['first', 'a'],
        ['first', 'c'],
      ],
      'task-2',
      '~__pregel_pull, a',
    );

    expect((await saver.getTuple(config))?.pendingWrites).toEqual([
      ['task-2', 'first', 'a'],
      ['task-2', 'first', 'c'],
      ['task-1', 'second', 'b'],
    ]);
  });

  it('lets the first regular write of a task stand', async () => {
    const config = await put();
    await saver.putWrites(config, [['channel', 'first']], 'task');
    await saver.putWrites(config, [['channel', 'second']], 'task');

    expect((await saver.getTuple(config))?.pendingWrites).toEqual([['task', 'channel', 'first']]);
  });

  it('replaces errors and interrupts, which have places of their own', async () => {
    const config = await put();
    await saver.putWrites(config, [['__interrupt__', 'one']], 'task');
    await saver.putWrites(config, [['__interrupt__', 'two']], 'task');
    await saver.putWrites(config, [['channel', 'value']], 'task');

    expect((await saver.getTuple(config))?.pendingWrites).toEqual(
      expect.arrayContaining([
        ['task', '__interrupt__', 'two'],
        ['task', 'channel', 'value'],
      ]),
    );
    expect((await saver.getTuple(config))?.pendingWrites).toHaveLength(2);
  });

  it('writes all of a task or nothing, so that half a task never counts as done', async () => {
    const config = await put();
    let inserts = 0;
    const failing: KyselyPlugin = {
      transformQuery: ({ node }) => {
        if (node.kind === 'InsertQueryNode') inserts += 1;
        if (inserts === 2) throw new RangeError('the disk is full');
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    };
    const breaking = new StoreCheckpointer({ ...store, db: store.db.withPlugin(failing) });

    const writes: [string, unknown][] = [
      ['messages', 1],
      ['branch:to:tools', null],
    ];
    await expect(breaking.putWrites(config, writes, 'task')).rejects.toThrow('the disk is full');

    expect((await saver.getTuple(config))?.pendingWrites).toEqual([]);
  });

  it('belongs to one checkpoint only', async () => {
    const first = await put();
    await saver.putWrites(first, [['channel', 'x']], 'task');
    const second = await saver.put(first, makeCheckpoint(), META);

    expect((await saver.getTuple(second))?.pendingWrites).toEqual([]);
  });

  it('refuses to write without a thread or a checkpoint', async () => {
    await expect(saver.putWrites({ configurable: {} }, [], 'task')).rejects.toMatchObject({ code: 'internal' });
    await expect(saver.putWrites(thread('a'), [], 'task')).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('list', () => {
  it('goes from the newest to the oldest', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const checkpoint = makeCheckpoint({ count });
      ids.push(checkpoint.id);
      await saver.put(thread('a'), checkpoint, { ...META, step: count });
    }

    expect((await collect(saver.list(thread('a')))).map((tuple) => tuple.checkpoint.id)).toEqual([...ids].reverse());
  });

  it('ends at a limit, begins before a checkpoint, and filters by metadata', async () => {
    const configs = [];
    for (let step = 0; step < 4; step += 1)
      configs.push(await saver.put(thread('a'), makeCheckpoint({ step }), { ...META, step, source: step === 0 ? 'input' : 'loop' }));
    const stepsOf = async (options: Parameters<typeof saver.list>[1]): Promise<unknown[]> =>
      (await collect(saver.list(thread('a'), options))).map((tuple) => tuple.metadata?.step);

    expect(await stepsOf({ limit: 2 })).toEqual([3, 2]);
    expect(await stepsOf({ before: configs[2] ?? {} })).toEqual([1, 0]);
    expect(await stepsOf({ filter: { source: 'loop' } })).toEqual([3, 2, 1]);
    expect(await stepsOf({ filter: { source: 'loop' }, limit: 1 })).toEqual([3]);
    expect(await stepsOf({ limit: 0 })).toEqual([]);
  });

  it('covers one namespace or all of them', async () => {
    await saver.put(thread('a'), makeCheckpoint(), META);
    await saver.put(thread('a', { checkpoint_ns: 'child' }), makeCheckpoint(), META);

    expect(await collect(saver.list(thread('a')))).toHaveLength(1);
    expect(await collect(saver.list({ configurable: { thread_id: 'a' } }))).toHaveLength(2);
  });

  it('carries pending writes', async () => {
    const config = await saver.put(thread('a'), makeCheckpoint(), META);
    await saver.putWrites(config, [['channel', 'x']], 'task');

    expect((await collect(saver.list(thread('a'))))[0]?.pendingWrites).toEqual([['task', 'channel', 'x']]);
  });
});

describe('forgetting', () => {
  it('deletes one thread with its writes, and no other', async () => {
    const config = await saver.put(thread('a'), makeCheckpoint(), META);
    await saver.putWrites(config, [['channel', 'x']], 'task');
    await saver.put(thread('b'), makeCheckpoint(), META);

    await saver.deleteThread('a');

    expect(await saver.getTuple(thread('a'))).toBeUndefined();
    expect(await saver.getTuple(thread('b'))).toBeDefined();
    expect(await store.db.selectFrom('agent_checkpoint_write').selectAll().execute()).toEqual([]);
  });

  it('prunes all but the newest checkpoints, with their writes', async () => {
    let config = thread('a');
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const checkpoint = makeCheckpoint({ count });
      ids.push(checkpoint.id);
      config = (await saver.put(config, checkpoint, META)) as typeof config;
      await saver.putWrites(config, [['channel', count]], 'task');
    }

    await saver.prune('a', 2);
    await saver.prune('a', 2);

    const left = await collect(saver.list(thread('a')));
    expect(left.map((tuple) => tuple.checkpoint.id)).toEqual(ids.slice(-2).reverse());
    expect(left.map((tuple) => tuple.pendingWrites?.length)).toEqual([1, 1]);
    expect(await store.db.selectFrom('agent_checkpoint_write').selectAll().execute()).toHaveLength(2);
  });

  it('says that a row is corrupt instead of giving half a checkpoint', async () => {
    await saver.put(thread('a'), makeCheckpoint(), META);

    await store.db.updateTable('agent_checkpoint').set({ checkpoint: 'json:{"v":' }).execute();
    await expect(saver.getTuple(thread('a'))).rejects.toMatchObject({ code: 'data_corrupt' });
    await store.db.updateTable('agent_checkpoint').set({ checkpoint: '???' }).execute();
    await expect(saver.getTuple(thread('a'))).rejects.toMatchObject({ code: 'data_corrupt' });
  });
});
