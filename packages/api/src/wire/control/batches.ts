import { z } from 'zod';
import { pageOf } from './page.ts';

/** A batch as the operator sees it: how it goes, and nothing of what stands in it. */
const batchSummarySchema = z.object({
  id: z.string(),
  tenant: z.string(),
  keyId: z.string(),
  /** Path that its lines are sent to. */
  endpoint: z.string(),
  state: z.string(),
  /** The first thing that is wrong with its file; null when nothing is. */
  problem: z.string().nullable(),
  lines: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
  outputFileId: z.string().nullable(),
  errorFileId: z.string().nullable(),
  createdMs: z.number(),
  endedMs: z.number().nullable(),
});
export type BatchSummary = z.infer<typeof batchSummarySchema>;

export const batchPageSchema = pageOf(batchSummarySchema);
