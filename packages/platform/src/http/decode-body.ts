import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { PlatformError } from '@maru/api/errors';

const DECODERS = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

/**
 * Unpacks a body; never makes more than `limitBytes`, so that a small archive can not fill the memory.
 * Throws `unsupported_media_type`, `body_too_large`, or `invalid_request` when the packed bytes are broken.
 */
export async function decodeBody(body: Buffer, encoding: string, limitBytes: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name as keyof typeof DECODERS] : undefined;
  if (decode === undefined) {
    throw new PlatformError('unsupported_media_type', { message: `content-encoding "${name}" is not supported; send one of: gzip, deflate, br, identity` });
  }
  try {
    return await decode(body, { maxOutputLength: limitBytes });
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new PlatformError('body_too_large', { message: `the request body unpacks to more than ${limitBytes} bytes`, cause, details: { limitBytes } });
    }
    throw new PlatformError('invalid_request', { message: `the request body is not valid ${name} data`, cause });
  }
}
