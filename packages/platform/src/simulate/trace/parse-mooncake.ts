import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Trace, TraceRequest } from './trace-request.ts';

const lineSchema = z.looseObject({
  timestamp: z.number().nonnegative(),
  input_length: z.number().int().positive(),
  output_length: z.number().int().nonnegative(),
  hash_ids: z.array(z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)).default([]),
});

/** Reads JSON lines in the format of Mooncake (512-token blocks); throws `invalid_request` with the number of the bad line. */
export function parseMooncake(text: string): Trace {
  const requests: TraceRequest[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const fields = parseLine(line, index + 1);
    requests.push({ atMs: fields.timestamp, inputTokens: fields.input_length, outputTokens: fields.output_length, blocks: fields.hash_ids });
  }
  return { format: 'mooncake', blockTokens: 512, requests: requests.sort((left, right) => left.atMs - right.atMs) };
}

function parseLine(line: string, number: number): z.infer<typeof lineSchema> {
  const result = lineSchema.safeParse(parseJsonLine(line, number));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw bad(number, `"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'invalid'}`);
}

function parseJsonLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw bad(number, 'not valid JSON', cause);
  }
}

const bad = (line: number, problem: string, cause?: unknown): PlatformError =>
  new PlatformError('invalid_request', { message: `line ${line} of the trace is wrong: ${problem}`, details: { line }, cause });
