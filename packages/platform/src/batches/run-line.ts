import { open } from 'node:fs/promises';
import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import { backoffMs } from '#time';
import type { BatchContext } from './batch-context.ts';
import type { BatchInfo } from './batch-info.ts';
import type { OpenLine } from './batch-store.ts';
import type { DeferredLine, LineReply } from './ports.ts';

export interface LineEnd {
  readonly outcome: 'ok' | 'error';
  /** The line of the output or error file. */
  readonly answer: string;
}

const RETRYABLE = new Set([408, 409, 425, 429, 500, 502, 503, 504]);
/** A spent budget does not fill up within a batch. */
const FINAL_CODES = new Set(['quota_exceeded', 'insufficient_quota', 'budget_exceeded']);

/** Runs one line to its end, with waits between its tries, or until it is to go to the batch API of a provider. Throws only when the signal fires: then nothing has ended. */
export async function runLine(
  batch: BatchInfo,
  line: OpenLine,
  options: { readonly context: BatchContext; readonly signal: AbortSignal },
): Promise<LineEnd | DeferredLine> {
  const { context, signal } = options;
  let body: Buffer;
  try {
    body = await readBody(context.files.pathOf(batch.inputFileId), line);
  } catch (thrown) {
    signal.throwIfAborted();
    return failure(line, { code: 'input_file_gone', message: toPlatformError(thrown, 'not_found').message, batchId: batch.id });
  }
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    const last = tries >= context.limits.maxTries;
    try {
      const reply = await context.ports.invoke({ tenant: batch.tenant, keyId: batch.keyId, endpoint: batch.endpoint, body }, signal);
      if ('api' in reply) return reply;
      if (last || !mayPass(reply)) return answered(batch, line, reply);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = isPlatformError(thrown) ? thrown : toPlatformError(thrown);
      // The platform stops: the line stays open, and runs again after the start.
      if (error.code === 'shutting_down') throw error;
      if (last || !error.retryable) return failure(line, { code: error.code, message: error.message, batchId: batch.id });
    }
    await context.clock.sleep(backoffMs(tries, { baseMs: 500, maxMs: 30_000, random: () => context.ids.random() }), signal);
  }
}

/** The request of a line, read from the input file at the place where it was found. */
export async function readBody(path: string, line: Pick<OpenLine, 'startByte' | 'endByte'>): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(line.endByte - line.startByte);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, line.startByte);
    if (bytesRead !== bytes.length) throw new PlatformError('data_corrupt', { message: 'the input file of the batch is shorter than it was' });
    return Buffer.from(JSON.stringify((JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as { body: unknown }).body));
  } finally {
    await file.close();
  }
}

const mayPass = (reply: LineReply): boolean => RETRYABLE.has(reply.status) && !FINAL_CODES.has(codeOf(reply.body));

/** The line of the output or error file for a request that was answered. */
export function answered(batch: BatchInfo, line: Pick<OpenLine, 'index' | 'customId'>, reply: LineReply): LineEnd {
  const body = parse(reply.body);
  const answer = {
    id: idOf(batch.id, line.index),
    custom_id: line.customId,
    response: { status_code: reply.status, request_id: reply.requestId, body },
    error: null,
  };
  return { outcome: reply.status === 200 ? 'ok' : 'error', answer: JSON.stringify(answer) };
}

/** The line of the error file for a request that has no answer. */
export function failure(
  line: { readonly index: number; readonly customId: string },
  problem: { readonly code: string; readonly message: string; readonly batchId: string },
): LineEnd {
  const { code, message, batchId } = problem;
  return { outcome: 'error', answer: JSON.stringify({ id: idOf(batchId, line.index), custom_id: line.customId, response: null, error: { code, message } }) };
}

const idOf = (batchId: string, index: number): string => `batch_req_${batchId.replace(/^batch_/, '')}_${index}`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function codeOf(text: string): string {
  const value = parse(text) as { error?: { code?: unknown } } | null;
  return typeof value === 'object' && typeof value?.error?.code === 'string' ? value.error.code : '';
}
