import { PlatformError } from '@maru/api/errors';
import type { z } from 'zod';
import type { EngineReply } from '../engine.ts';

/** Parses a body by its schema; a problem is for the client, in one sentence. */
export function parseBody<T>(schema: z.ZodType<T>, body: Uint8Array): { value: T } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch (error) {
    return { problem: `the body is not valid JSON: ${(error as Error).message}` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const issue = parsed.error.issues[0];
  return { problem: `"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'is wrong'}` };
}

/** A whole JSON answer. */
export function jsonReply(status: number, value: unknown): EngineReply {
  const bytes = Buffer.from(JSON.stringify(value));
  return { status, headers: { 'content-type': 'application/json', 'content-length': String(bytes.length) }, body: once(bytes) };
}

/** Status 400 with the error object of the OpenAI API. */
export function refuse(message: string): EngineReply {
  return jsonReply(400, { error: { message, type: 'invalid_request_error', code: 'invalid_request', param: null } });
}

/** Throws `cancelled` when the client is gone. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new PlatformError('cancelled', { message: 'the request was cancelled', cause: signal.reason });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
