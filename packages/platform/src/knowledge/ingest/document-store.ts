import type { Store } from '#store';
import type { Chunk } from '../chunkers/chunk.ts';
import { toVectorBytes } from '../search/vector-bytes.ts';

/** Rows per statement; SQLite takes at most 32,766 parameters. */
const ROWS_PER_INSERT = 200;

export interface DocumentWrite {
  readonly id: string;
  readonly base: string;
  readonly path: string;
  readonly title: string;
  readonly kind: string;
  readonly bytes: number;
  readonly hash: string;
  readonly fingerprint: string;
  readonly embedding: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly note: string | null;
  readonly ingestedMs: number;
  readonly text: string;
  readonly chunks: readonly Chunk[];
  readonly vectors: readonly Float32Array[];
}

/** Puts a document in the place of its earlier version, in one transaction: a kill leaves the one or the other, whole. */
export async function writeDocument(store: Store, document: DocumentWrite): Promise<void> {
  await store.db.transaction().execute(async (db) => {
    const { generation } = await db
      .updateTable('knowledge_base')
      .set((eb) => ({ generation: eb('generation', '+', 1), updated_ms: document.ingestedMs }))
      .where('name', '=', document.base)
      .returning('generation')
      .executeTakeFirstOrThrow();
    await db.deleteFrom('knowledge_passage').where('document_id', '=', document.id).execute();
    await db.deleteFrom('knowledge_document').where('id', '=', document.id).execute();
    await db.insertInto('knowledge_document').values(documentRow(document, generation)).execute();
    const rows = document.chunks.map((chunk, ordinal) => passageRow(document, chunk, ordinal));
    for (let from = 0; from < rows.length; from += ROWS_PER_INSERT)
      await db
        .insertInto('knowledge_passage')
        .values(rows.slice(from, from + ROWS_PER_INSERT))
        .execute();
  });
}

/** Removes documents with their passages, in one transaction. */
export async function removeDocuments(store: Store, base: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await store.db.transaction().execute(async (db) => {
    await db
      .updateTable('knowledge_base')
      .set((eb) => ({ generation: eb('generation', '+', 1) }))
      .where('name', '=', base)
      .execute();
    for (const id of ids) {
      await db.deleteFrom('knowledge_passage').where('document_id', '=', id).execute();
      await db.deleteFrom('knowledge_document').where('id', '=', id).execute();
    }
  });
}

function documentRow(document: DocumentWrite, revision: number) {
  return {
    id: document.id,
    base: document.base,
    path: document.path,
    title: document.title,
    kind: document.kind,
    bytes: document.bytes,
    hash: document.hash,
    fingerprint: document.fingerprint,
    embedding: document.embedding,
    state: document.error === null ? 'indexed' : 'failed',
    error_code: document.error?.code ?? null,
    error_message: document.error?.message ?? null,
    note: document.note,
    passages: document.chunks.length,
    revision,
    ingested_ms: document.ingestedMs,
    text: document.text,
  };
}

function passageRow(document: DocumentWrite, chunk: Chunk, ordinal: number) {
  return {
    id: `${document.id}.${ordinal}`,
    base: document.base,
    document_id: document.id,
    ordinal,
    headings: JSON.stringify(chunk.headings),
    anchor: chunk.anchor ?? null,
    page: chunk.page ?? null,
    start_offset: chunk.start,
    end_offset: chunk.end,
    text: document.text.slice(chunk.start, chunk.end),
    vector: toVectorBytes(document.vectors[ordinal] ?? new Float32Array(0)),
  };
}
