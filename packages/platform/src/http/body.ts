import type { IncomingMessage } from 'node:http';
import { PlatformError } from '@maru/api/errors';

/** Reads a whole request body; throws `body_too_large` as soon as the limit is passed. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limitBytes) throw tooLarge(limitBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

const tooLarge = (limitBytes: number): PlatformError =>
  new PlatformError('body_too_large', { message: `the request body is larger than ${limitBytes} bytes`, details: { limitBytes } });

/** Parses a JSON body; throws `invalid_json` with the place of the mistake. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch (cause) {
    throw new PlatformError('invalid_json', { message: `the request body is not valid JSON: ${(cause as Error).message}`, cause });
  }
}
