import { PlatformError } from '@maru/api/errors';

/** Longest line of a trace: a prompt of some million tokens in blocks. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * Looks at the first line of an upload; the thread that plays it reads every line and names a bad one by its number, so that a
 * long trace never holds up the calls of others. Throws `invalid_request`.
 */
export function checkTraceHead(bytes: Buffer): void {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf(0x0a);
  const line = bytes
    .subarray(0, end === -1 ? Math.min(bytes.length, MAX_LINE_BYTES) : end)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim();
  if (/^TIMESTAMP,/i.test(line) || isJsonObject(line)) return;
  throw new PlatformError('invalid_request', {
    message:
      'the first line is neither Mooncake JSON ({"timestamp", "input_length", "output_length", "hash_ids"}) nor the head of an Azure CSV (TIMESTAMP,ContextTokens,GeneratedTokens)',
    details: { param: 'body' },
  });
}

function isJsonObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
