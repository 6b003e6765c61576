import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';

const knowledgeBaseSpecSchema = z.strictObject({
  description: z.string().optional(),
  /** Folders or files, relative to the file of this resource; globs choose among them. */
  sources: z
    .array(
      z.strictObject({
        path: z.string().min(1),
        include: z.array(z.string()).default(['**/*']),
        exclude: z.array(z.string()).default([]),
      }),
    )
    .min(1),
  /** A Model with the capability `embeddings`. */
  embedding: nameSchema,
  chunking: z
    .strictObject({
      strategy: z.enum(['heading', 'recursive', 'page']).default('heading'),
      /** Target size, in characters. */
      size: z.number().int().min(100).max(20_000).default(1200),
      overlap: z.number().int().min(0).max(5000).default(150),
    })
    .default({ strategy: 'heading', size: 1200, overlap: 150 }),
  retrieval: z
    .strictObject({
      mode: z.enum(['hybrid', 'keyword', 'vector']).default('hybrid'),
      topK: z.number().int().min(1).max(100).default(5),
    })
    .default({ mode: 'hybrid', topK: 5 }),
  limits: z
    .strictObject({
      maxDocumentBytes: z.number().int().positive().default(52_428_800),
      maxUnpackedBytes: z.number().int().positive().default(209_715_200),
    })
    .default({ maxDocumentBytes: 52_428_800, maxUnpackedBytes: 209_715_200 }),
  /** Ingest when the resource is applied and when a source file changes. */
  ingest: z.enum(['on-apply', 'manual']).default('on-apply'),
});
export type KnowledgeBaseSpec = z.infer<typeof knowledgeBaseSpecSchema>;

export const knowledgeBaseKind = defineKind({
  kind: 'KnowledgeBase',
  plural: 'knowledgebases',
  shortNames: ['kb'],
  description: 'Documents that are loaded, cut, indexed and searched, with the place of every passage.',
  spec: knowledgeBaseSpecSchema,
  columns: [
    { name: 'Documents', type: 'integer', jsonPath: '.status.documents' },
    { name: 'Passages', type: 'integer', jsonPath: '.status.passages' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => [refersTo('Model', spec.embedding, 'embedding')],
});
