import { z } from 'zod';
import { runSchema } from '../../records/index.ts';

export const passageSchema = z.object({
  id: z.string(),
  /** For people: `guide.md § Installing`, `paper.pdf p. 3`. */
  citation: z.string(),
  document: z.string(),
  heading: z.string().nullable(),
  page: z.number().nullable(),
  text: z.string(),
  score: z.number(),
});
export type PassageInfo = z.infer<typeof passageSchema>;

export const knowledgeBaseInfoSchema = z.object({
  name: z.string(),
  description: z.string().nullable(),
  embedding: z.string(),
  documents: z.number(),
  failed: z.number(),
  passages: z.number(),
  bytes: z.number(),
  updatedMs: z.number().nullable(),
  ingestion: z.object({ runId: z.string(), done: z.number(), total: z.number() }).nullable(),
});
export type KnowledgeBaseInfo = z.infer<typeof knowledgeBaseInfoSchema>;

/** `GET /api/v1/knowledge`. */
export const knowledgeListSchema = z.object({ items: z.array(knowledgeBaseInfoSchema) });

/** `GET /api/v1/knowledge/{name}/documents`. */
export const documentListSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      path: z.string(),
      title: z.string().nullable(),
      type: z.string(),
      bytes: z.number(),
      passages: z.number(),
      state: z.enum(['indexed', 'failed']),
      error: z.string().nullable(),
      updatedMs: z.number(),
    }),
  ),
});
/** `POST /api/v1/knowledge/{name}/search`. */
export const searchRequestSchema = z.strictObject({
  query: z.string().min(1).max(10_000),
  topK: z.number().int().min(1).max(100).optional(),
  mode: z.enum(['hybrid', 'keyword', 'vector']).optional(),
});
export const searchReplySchema = z.object({ passages: z.array(passageSchema), tookMs: z.number() });
/** `POST /api/v1/knowledge/{name}/ingestions` (202). `GET /api/v1/knowledge/{name}/passages/{id}` answers with a passage. */
export const ingestionReplySchema = z.object({ run: runSchema });
