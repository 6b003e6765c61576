import { z } from 'zod';

/** `GET /api/v1/sources`: the files that the resources come from, and what became of their last change. */
export const sourcesStatusSchema = z.object({
  files: z.array(z.string()),
  /** What was understood but not taken over, with file and line. */
  warnings: z.array(z.string()),
  /** When the files last took force. */
  appliedMs: z.number().nullable(),
  /** What that changed, as `Kind/name` with `+`, `~` or `-` before it. */
  changes: z.array(z.string()),
  /** A later change that was refused: the state before it stays in force. */
  refused: z.object({ atMs: z.number(), message: z.string() }).nullable(),
});
export type SourcesStatus = z.infer<typeof sourcesStatusSchema>;
