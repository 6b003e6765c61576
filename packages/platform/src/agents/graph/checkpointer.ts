import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  compareWritesSortKeys,
  type PendingWrite,
  WRITES_IDX_MAP,
  writesSortKey,
} from '@langchain/langgraph-checkpoint';
import { PlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import { packValue, type Serde, unpackValue } from './pack-value.ts';

interface CheckpointRow {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  parent_id: string | null;
  checkpoint: string;
  metadata: string;
}

/** LangGraph's checkpoints in the store of the platform, on both of its databases. */
export class StoreCheckpointer extends BaseCheckpointSaver {
  readonly #store: Store;

  constructor(store: Store) {
    super();
    this.#store = store;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { threadId, namespace, checkpointId } = readConfig(config);
    if (threadId === undefined) return undefined;
    const row = await this.#store.db
      .selectFrom('agent_checkpoint')
      .selectAll()
      .where('thread_id', '=', threadId)
      .where('checkpoint_ns', '=', namespace ?? '')
      .$if(checkpointId !== undefined, (query) => query.where('checkpoint_id', '=', checkpointId ?? ''))
      .orderBy('checkpoint_id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : this.#toTuple(row);
  }

  override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const { threadId, namespace, checkpointId } = readConfig(config);
    const before = options.before === undefined ? undefined : readConfig(options.before).checkpointId;
    let query = this.#store.db.selectFrom('agent_checkpoint').selectAll();
    if (threadId !== undefined) query = query.where('thread_id', '=', threadId);
    if (namespace !== undefined) query = query.where('checkpoint_ns', '=', namespace);
    if (checkpointId !== undefined) query = query.where('checkpoint_id', '=', checkpointId);
    if (before !== undefined) query = query.where('checkpoint_id', '<', before);
    const rows = await query.orderBy('thread_id').orderBy('checkpoint_ns').orderBy('checkpoint_id', 'desc').execute();
    const wanted = Object.entries((options.filter ?? {}) as Record<string, unknown>);
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (const row of rows) {
      if (left <= 0) return;
      const tuple = await this.#toTuple(row);
      const metadata = (tuple.metadata ?? {}) as Record<string, unknown>;
      if (!wanted.every(([key, value]) => metadata[key] === value)) continue;
      left -= 1;
      yield tuple;
    }
  }

  override async put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId } = needThread(config, 'put');
    const fields = {
      parent_id: checkpointId ?? null,
      checkpoint: await packValue(this.#serde, checkpoint),
      metadata: await packValue(this.#serde, metadata),
    };
    await this.#store.db
      .insertInto('agent_checkpoint')
      .values({ thread_id: threadId, checkpoint_ns: namespace ?? '', checkpoint_id: checkpoint.id, ...fields })
      .onConflict((conflict) => conflict.columns(['thread_id', 'checkpoint_ns', 'checkpoint_id']).doUpdateSet(fields))
      .execute();
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace ?? '', checkpoint_id: checkpoint.id } };
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], ...[taskId, taskPath = '']: [taskId: string, taskPath?: string]): Promise<void> {
    const { threadId, namespace, checkpointId } = needThread(config, 'putWrites');
    if (checkpointId === undefined) throw new PlatformError('internal', { message: 'putWrites needs configurable.checkpoint_id' });
    const key = { thread_id: threadId, checkpoint_ns: namespace ?? '', checkpoint_id: checkpointId, task_id: taskId, task_path: taskPath };
    const rows = await Promise.all(
      writes.map(async ([channel, value], position) => ({
        ...key,
        idx: WRITES_IDX_MAP[channel as string] ?? position,
        channel: channel as string,
        value: await packValue(this.#serde, value),
      })),
    );
    // All or none: a task with some of its writes would count as done, and the run would end without the rest.
    await this.#store.db.transaction().execute(async (db) => {
      for (const row of rows) {
        const { channel, value, task_path } = row;
        await db
          .insertInto('agent_checkpoint_write')
          .values(row)
          .onConflict((conflict) => {
            const target = conflict.columns(['thread_id', 'checkpoint_ns', 'checkpoint_id', 'task_id', 'idx']);
            // The first regular write of a task stands; errors and interrupts have negative places and are replaced.
            return row.idx >= 0 ? target.doNothing() : target.doUpdateSet({ channel, value, task_path });
          })
          .execute();
      }
    });
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#store.db.transaction().execute(async (db) => {
      await db.deleteFrom('agent_checkpoint_write').where('thread_id', '=', threadId).execute();
      await db.deleteFrom('agent_checkpoint').where('thread_id', '=', threadId).execute();
    });
  }

  /** Keeps the newest `keep` checkpoints of a thread: a run goes on from the last, and its history stands in the step log. */
  async prune(threadId: string, keep: number): Promise<void> {
    const { db } = this.#store;
    const oldest = await db
      .selectFrom('agent_checkpoint')
      .select('checkpoint_id')
      .where('thread_id', '=', threadId)
      .orderBy('checkpoint_id', 'desc')
      .offset(keep)
      .limit(1)
      .executeTakeFirst();
    if (oldest === undefined) return;
    await db.deleteFrom('agent_checkpoint_write').where('thread_id', '=', threadId).where('checkpoint_id', '<=', oldest.checkpoint_id).execute();
    await db.deleteFrom('agent_checkpoint').where('thread_id', '=', threadId).where('checkpoint_id', '<=', oldest.checkpoint_id).execute();
  }

  get #serde(): Serde {
    return this.serde;
  }

  async #toTuple(row: CheckpointRow): Promise<CheckpointTuple> {
    const key = { thread_id: row.thread_id, checkpoint_ns: row.checkpoint_ns };
    return {
      config: { configurable: { ...key, checkpoint_id: row.checkpoint_id } },
      checkpoint: (await unpackValue(this.#serde, row.checkpoint)) as Checkpoint,
      metadata: (await unpackValue(this.#serde, row.metadata)) as CheckpointMetadata,
      pendingWrites: await this.#pendingWrites(row),
      ...(row.parent_id === null ? {} : { parentConfig: { configurable: { ...key, checkpoint_id: row.parent_id } } }),
    };
  }

  async #pendingWrites(row: CheckpointRow): Promise<CheckpointPendingWrite[]> {
    const rows = await this.#store.db
      .selectFrom('agent_checkpoint_write')
      .selectAll()
      .where('thread_id', '=', row.thread_id)
      .where('checkpoint_ns', '=', row.checkpoint_ns)
      .where('checkpoint_id', '=', row.checkpoint_id)
      .execute();
    const keyed = rows.map((write) => ({ write, key: writesSortKey(write.task_path, write.task_id, write.idx) }));
    keyed.sort((left, right) => compareWritesSortKeys(left.key, right.key));
    return Promise.all(keyed.map(async ({ write }) => [write.task_id, write.channel, await unpackValue(this.#serde, write.value)] as CheckpointPendingWrite));
  }
}

interface CheckpointKey {
  readonly threadId: string | undefined;
  readonly namespace: string | undefined;
  readonly checkpointId: string | undefined;
}

function readConfig(config: RunnableConfig): CheckpointKey {
  const values = (config.configurable ?? {}) as Record<string, unknown>;
  const text = (key: string): string | undefined => (typeof values[key] === 'string' ? values[key] : undefined);
  const checkpointId = text('checkpoint_id');
  return { threadId: text('thread_id'), namespace: text('checkpoint_ns'), checkpointId: checkpointId === '' ? undefined : checkpointId };
}

function needThread(config: RunnableConfig, what: string): CheckpointKey & { threadId: string } {
  const key = readConfig(config);
  if (key.threadId === undefined) throw new PlatformError('internal', { message: `${what} needs configurable.thread_id` });
  return { ...key, threadId: key.threadId };
}
