import { isPlatformError, toPlatformError } from '@maru/api/errors';
import type { BatchInfo } from '../batch-info.ts';
import { answered, failure, type LineEnd, readBody } from '../run-line.ts';
import { endLines } from './end-lines.ts';
import type { BatchPart } from './part-store.ts';
import { lineId, type RemoteOptions } from './submit-part.ts';

interface Result {
  readonly id: string;
  readonly status: number;
  readonly body: unknown;
}

/**
 * Takes what a provider has answered: each answer goes through the gateway, which charges it, and ends its line. After a crash the rest is
 * taken. Results of another batch, taken for this one, send the part back.
 */
export async function collectPart(batch: BatchInfo, part: BatchPart, options: RemoteOptions): Promise<void> {
  const { context, remote, signal } = options;
  const { parts, batches } = context;
  const handle = part.handle ?? '';
  const prefix = lineId(part, 0).slice(0, -1);
  for await (const result of remote.results(handle, signal)) {
    signal.throwIfAborted();
    if (!result.id.startsWith(prefix)) return parts.change(part.id, { state: 'submitting', handle: null, exclude: [...part.exclude, handle] });
    const index = Number(result.id.slice(prefix.length));
    const line = Number.isSafeInteger(index) ? await parts.line(part.id, index) : undefined;
    if (line !== undefined) await batches.endLine(batch.id, index, await endOf(batch, { part, line, result }, options));
  }
  await endLines(part, context, { code: 'batch_expired', message: 'the provider gave no answer to this request' });
  await parts.remove(part.id);
}

interface Answered {
  readonly part: BatchPart;
  readonly line: { readonly index: number; readonly customId: string; readonly startByte: number; readonly endByte: number };
  readonly result: Result;
}

async function endOf(batch: BatchInfo, { part, line, result }: Answered, { context, signal }: RemoteOptions): Promise<LineEnd> {
  const text = JSON.stringify(result.body ?? null);
  if (result.status !== 200) return answered(batch, line, { status: result.status, requestId: result.id, body: text });
  try {
    const body = await readBody(context.files.pathOf(batch.inputFileId), line);
    const request = { tenant: batch.tenant, keyId: batch.keyId, endpoint: batch.endpoint, body };
    return answered(batch, line, await context.ports.complete(request, { api: part.api, format: part.format, answer: text, name: result.id }, signal));
  } catch (thrown) {
    signal.throwIfAborted();
    const error = isPlatformError(thrown) ? thrown : toPlatformError(thrown);
    if (error.code === 'shutting_down' || error.code === 'storage_full' || error.code === 'storage_failed') throw error;
    return failure(line, { code: error.code, message: error.message, batchId: batch.id });
  }
}
