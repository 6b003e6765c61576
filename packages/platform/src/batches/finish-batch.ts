import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BatchContext } from './batch-context.ts';
import type { BatchInfo, BatchState } from './batch-info.ts';

const PAGE = 500;

interface Written {
  readonly id: string | null;
  readonly lines: number;
  readonly sizeBytes: number;
}

/**
 * Writes the output and the error file in the order of the input, and ends the batch. The files have names of the batch's own: after a
 * crash in the middle they are written again, and nothing is there twice.
 */
export async function finishBatch(batch: BatchInfo, state: BatchState, context: BatchContext): Promise<void> {
  const { batches, files, clock, limits } = context;
  const output = await write(batch, 'ok', context);
  const errors = await write(batch, 'error', context);
  const expiresMs = clock.nowMs() + limits.outputTtlMs;
  await batches.finish(batch.id, {
    state,
    endedMs: clock.nowMs(),
    completed: output.lines,
    failed: errors.lines,
    outputFileId: output.id,
    errorFileId: errors.id,
    also: async (db) => {
      for (const [file, name] of [
        [output, 'output'],
        [errors, 'error'],
      ] as const) {
        if (file.id === null) continue;
        const { tenant, keyId } = batch;
        await files.insert(db, {
          id: file.id,
          tenant,
          keyId,
          purpose: 'batch_output',
          filename: `${batch.id}_${name}.jsonl`,
          sizeBytes: file.sizeBytes,
          expiresMs,
        });
      }
    },
  });
}

async function write(batch: BatchInfo, outcome: 'ok' | 'error', { batches, files }: BatchContext): Promise<Written> {
  const id = `file-${outcome === 'ok' ? 'out' : 'err'}-${batch.id}`;
  const path = files.pathOf(id);
  const partial = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(partial, 'w', 0o600);
  let lines = 0;
  let sizeBytes = 0;
  try {
    for (let after = -1; ; ) {
      const page = await batches.endedLines(batch.id, { outcome, after, limit: PAGE });
      const last = page.at(-1);
      if (last === undefined) break;
      const bytes = Buffer.from(page.map((line) => `${line.answer}\n`).join(''));
      await file.write(bytes);
      lines += page.length;
      sizeBytes += bytes.length;
      after = last.index;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (lines === 0) {
    await rm(partial, { force: true });
    return { id: null, lines, sizeBytes };
  }
  await rename(partial, path);
  return { id, lines, sizeBytes };
}
