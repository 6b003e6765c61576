import type { KnowledgeBaseSpec } from '@maru/api/resources';
import type { Store } from '#store';

/** What a base needs to be searched, kept beside its documents: the search never waits for a resource. */
export interface BaseSettings {
  readonly embedding: string;
  readonly mode: KnowledgeBaseSpec['retrieval']['mode'];
  readonly topK: number;
}

export interface BaseRow {
  readonly settings: BaseSettings;
  readonly generation: number;
  readonly state: string;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly updatedMs: number;
  readonly error: string | null;
}

export async function readBase(store: Store, base: string): Promise<BaseRow | undefined> {
  const row = await store.db.selectFrom('knowledge_base').selectAll().where('name', '=', base).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    settings: JSON.parse(row.settings) as BaseSettings,
    generation: row.generation,
    state: row.state,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    updatedMs: row.updated_ms,
    error: row.error,
  };
}

export async function startBase(store: Store, start: { base: string; settings: BaseSettings; nowMs: number }): Promise<void> {
  const values = { settings: JSON.stringify(start.settings), state: 'running', started_ms: start.nowMs, ended_ms: null, updated_ms: start.nowMs, error: null };
  await store.db
    .insertInto('knowledge_base')
    // Begins with the time, so that a base that is removed and made again never comes back to a generation that an index remembers.
    .values({ name: start.base, generation: start.nowMs, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
}

export async function endBase(
  store: Store,
  end: { base: string; state: 'ready' | 'failed' | 'cancelled'; nowMs: number; error: string | null },
): Promise<void> {
  await store.db
    .updateTable('knowledge_base')
    .set({ state: end.state, ended_ms: end.nowMs, updated_ms: end.nowMs, error: end.error })
    .where('name', '=', end.base)
    .execute();
}

/** Removes a base with all that was made of it. */
export async function deleteBase(store: Store, base: string): Promise<void> {
  await store.db.transaction().execute(async (db) => {
    await db.deleteFrom('knowledge_passage').where('base', '=', base).execute();
    await db.deleteFrom('knowledge_document').where('base', '=', base).execute();
    await db.deleteFrom('knowledge_base').where('name', '=', base).execute();
  });
}
