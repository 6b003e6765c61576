import type { IncomingMessage } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { decodeBody } from './decode-body.ts';

/**
 * Reads a whole request body and unpacks `gzip`, `deflate` and `br`.
 * Throws `body_too_large` as soon as the limit is passed (packed or unpacked), `unsupported_media_type` for other encodings,
 * `cancelled` when the client goes away in the middle.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  const body = await readRaw(request, limitBytes);
  return encoding === undefined || encoding === 'identity' ? body : decodeBody(body, encoding, limitBytes);
}

function readRaw(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      reject(tooLarge(limitBytes));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    const onGone = (): void => {
      if (!ended) reject(new PlatformError('cancelled', { message: 'the client went away before its request body was complete' }));
    };
    if (request.destroyed && !request.readableEnded) {
      onGone();
      return;
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      ended = true;
      request.off('data', onData);
      request.pause();
      reject(tooLarge(limitBytes));
    };
    // The listeners stay: what they would say after the end is not heard, and taking four away costs as much as adding them.
    request.on('data', onData);
    request.on('end', () => {
      ended = true;
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
    });
    request.on('error', onGone);
    request.on('close', onGone);
  });
}

const tooLarge = (limitBytes: number): PlatformError =>
  new PlatformError('body_too_large', { message: `the request body is larger than ${limitBytes} bytes`, details: { limitBytes } });

/** Parses a JSON body; throws `invalid_json` with the place of the mistake. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch (cause) {
    throw new PlatformError('invalid_json', { message: `the request body is not valid JSON: ${withoutContent(cause as Error)}`, cause });
  }
}

/** The parser quotes the text around the mistake; that text may be a prompt and stays out of messages and logs. */
const withoutContent = (error: Error): string => error.message.replace(/, (\.\.\.)?"[\s\S]*"(\.\.\.)? is not valid JSON$/, '');
