import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { PlatformError } from '@maru/api/errors';
import { LIMITS } from '../limits.ts';

const UNPACKERS = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** The body without its `content-encoding`. Throws `unsupported_media_type`, `body_too_large` (also for a bomb) or `invalid_request`. */
export async function unpackBody(body: Uint8Array, encoding: string | undefined, limitBytes: number = LIMITS.unpackedBytes): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') {
    if (body.length > limitBytes) throw tooLarge(limitBytes);
    return body;
  }
  if (name !== 'gzip' && name !== 'deflate')
    throw new PlatformError('unsupported_media_type', { message: `content-encoding "${name.slice(0, 40)}" is not supported; send gzip, deflate or none` });
  try {
    return await UNPACKERS[name](body, { maxOutputLength: limitBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw new PlatformError('invalid_request', { message: `the body is not valid ${name}`, cause });
  }
}

const tooLarge = (limitBytes: number): PlatformError =>
  new PlatformError('body_too_large', { message: `the unpacked body is larger than ${limitBytes} bytes; send smaller batches`, details: { limitBytes } });
