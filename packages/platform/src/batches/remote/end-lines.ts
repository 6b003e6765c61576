import type { BatchContext } from '../batch-context.ts';
import { failure } from '../run-line.ts';
import type { BatchPart } from './part-store.ts';

/** Ends the lines of a part that have no answer. */
export async function endLines(part: BatchPart, { parts, batches }: BatchContext, problem: { readonly code: string; readonly message: string }): Promise<void> {
  for (;;) {
    const lines = await parts.lines(part.id, { after: -1, limit: 500 });
    if (lines.length === 0) return;
    for (const line of lines) await batches.endLine(part.batchId, line.index, failure(line, { ...problem, batchId: part.batchId }));
  }
}
