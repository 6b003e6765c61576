import { createReadStream } from 'node:fs';
import { isPlatformError } from '@maru/api/errors';
import type { BatchContext } from './batch-context.ts';
import type { BatchInfo, BatchProblem } from './batch-info.ts';
import type { OpenLine } from './batch-store.ts';
import { parseLine } from './parse-line.ts';
import { readLines } from './read-lines.ts';

/** Problems that are shown; a file with more is wrong as a whole. */
const MAX_PROBLEMS = 100;
const PAGE = 500;

/**
 * Reads the whole input file before a line of it runs: the batch goes on with all its lines, or fails with what is wrong and where.
 * After a crash it begins anew.
 */
export async function validateBatch(batch: BatchInfo, context: BatchContext, signal: AbortSignal): Promise<void> {
  const { batches, clock, limits } = context;
  await batches.dropLines(batch.id);
  const problems: BatchProblem[] = [];
  const seen = new Set<string>();
  let page: OpenLine[] = [];
  let total = 0;
  try {
    await context.files.get(batch.tenant, batch.inputFileId);
    for await (const line of readLines(createReadStream(context.files.pathOf(batch.inputFileId)) as AsyncIterable<Buffer>, limits.maxLineBytes)) {
      signal.throwIfAborted();
      if (problems.length >= MAX_PROBLEMS) break;
      const parsed = parseLine(line, batch.endpoint);
      if ('problem' in parsed) {
        problems.push(parsed.problem);
        continue;
      }
      const { customId } = parsed.line;
      if (seen.has(customId)) {
        problems.push({ code: 'duplicate_custom_id', message: `"custom_id" "${customId.slice(0, 100)}" stands in the file before`, line: line.number + 1 });
        continue;
      }
      if (total >= limits.maxLines) {
        problems.push({ code: 'too_many_tasks', message: `a batch can not have more than ${limits.maxLines} requests`, line: line.number + 1 });
        break;
      }
      seen.add(customId);
      page.push({ index: total, customId, startByte: line.startByte, endByte: line.endByte });
      total += 1;
      if (page.length >= PAGE) {
        await batches.addLines(batch.id, page);
        page = [];
      }
    }
  } catch (thrown) {
    signal.throwIfAborted();
    if (!isPlatformError(thrown) || (thrown.code !== 'not_found' && thrown.code !== 'body_too_large')) throw thrown;
    problems.push({ code: thrown.code === 'not_found' ? 'input_file_gone' : 'line_too_long', message: thrown.message, line: null });
  }
  if (problems.length === 0 && total === 0) problems.push({ code: 'empty_file', message: 'the input file has no requests', line: null });
  if (problems.length > 0) {
    await batches.dropLines(batch.id);
    await batches.move(batch.id, ['validating', 'cancelling'], { state: 'failed', problems, endedMs: clock.nowMs() });
    return;
  }
  await batches.addLines(batch.id, page);
  // A batch that was cancelled meanwhile keeps that state; it only learns how many lines it had.
  if (!(await batches.move(batch.id, ['validating'], { state: 'in_progress', total, inProgressMs: clock.nowMs() })))
    await batches.move(batch.id, ['cancelling'], { state: 'cancelling', total });
}
