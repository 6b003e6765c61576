import { readFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import { parseAzure } from './parse-azure.ts';
import { parseMooncake } from './parse-mooncake.ts';
import type { Trace } from './trace-request.ts';

/** Reads a trace, whichever of the known formats it has; throws `invalid_request` for another one. */
export function parseTrace(text: string): Trace {
  const clean = text.replace(/^\ufeff/, '');
  const trace = clean.trimStart().startsWith('{') ? parseMooncake(clean) : /^TIMESTAMP,/i.test(clean) ? parseAzure(clean) : undefined;
  if (trace === undefined) {
    throw new PlatformError('invalid_request', {
      message:
        'the trace is neither Mooncake JSON lines ({"timestamp", "input_length", "output_length", "hash_ids"}) nor Azure CSV (TIMESTAMP,ContextTokens,GeneratedTokens)',
    });
  }
  if (trace.requests.length === 0) throw new PlatformError('invalid_request', { message: 'the trace has no request' });
  return trace;
}

/** Reads a trace file; throws `not_found` where there is none. */
export async function readTrace(path: string): Promise<Trace> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new PlatformError('not_found', { message: `can not read the trace ${path}: ${(cause as Error).message}`, cause });
  }
  return parseTrace(text);
}
