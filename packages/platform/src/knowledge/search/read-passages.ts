import type { Store } from '#store';
import type { PassageRow } from '../passage.ts';

/** Passages by id, with the path and title of their documents. */
export async function readPassageRows(store: Store, ids: readonly string[]): Promise<Map<string, PassageRow & { base: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await store.db
    .selectFrom('knowledge_passage')
    .innerJoin('knowledge_document', 'knowledge_document.id', 'knowledge_passage.document_id')
    .select([
      'knowledge_passage.id',
      'knowledge_passage.base',
      'knowledge_document.path',
      'knowledge_document.title',
      'knowledge_passage.headings',
      'knowledge_passage.anchor',
      'knowledge_passage.page',
      'knowledge_passage.start_offset',
      'knowledge_passage.end_offset',
      'knowledge_passage.text',
    ])
    .where('knowledge_passage.id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
