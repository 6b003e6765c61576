import { PlatformError } from '@maru/api/errors';
import type { PassageInfo } from '@maru/api/wire';
import type { KnowledgePorts } from '#control';
import type { FoundPassage, Knowledge, Passage } from '#knowledge';
import type { Registry } from '#resources';
import type { Ingestions } from '../ingestions.ts';

/** Knowledge bases for the control plane. */
export function knowledgePorts(options: { registry: Registry; knowledge: Knowledge; ingestions: Ingestions }): KnowledgePorts {
  const { registry, knowledge, ingestions } = options;
  const known = (name: string): string => {
    if (registry.get('KnowledgeBase', name) === undefined) throw new PlatformError('not_found', { message: `there is no KnowledgeBase called "${name}"` });
    return name;
  };
  return {
    list: () =>
      Promise.all(
        registry.list('KnowledgeBase').map(async (base) => {
          const status = await knowledge.status(base.metadata.name);
          return {
            name: base.metadata.name,
            description: base.spec.description ?? null,
            embedding: base.spec.embedding,
            documents: status.documents,
            failed: status.failed,
            passages: status.passages,
            bytes: status.bytes,
            updatedMs: status.updatedMs,
            ingestion: status.progress,
          };
        }),
      ),
    documents: async (base) =>
      (await knowledge.documents(known(base))).map((document) => ({
        id: document.id,
        path: document.path,
        title: document.title,
        type: document.kind,
        bytes: document.bytes,
        passages: document.passages,
        state: document.state,
        error: document.error?.message ?? null,
        updatedMs: document.ingestedMs,
      })),
    search: async (base, { query, topK, mode }, signal) =>
      (await knowledge.search(known(base), query, { signal, ...(topK === undefined ? {} : { topK }), ...(mode === undefined ? {} : { mode }) })).map(toInfo),
    passage: async (base, id) => {
      const passage = await knowledge.passage(known(base), id);
      return passage === undefined ? undefined : toInfo({ ...passage, score: 0 });
    },
    ingest: async (base) => ingestions.start(known(base), 'default').run,
  };
}

const toInfo = ({ id, citation, document, heading, page, text, score }: Passage & Pick<FoundPassage, 'score'>): PassageInfo => ({
  id,
  citation,
  document,
  heading,
  page,
  text,
  score,
});
