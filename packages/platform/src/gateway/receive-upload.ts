import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { isPlatformError, PlatformError } from '@maru/api/errors';

export interface UploadedFile {
  /** All fields; known when the whole upload has come. */
  readonly fields: Promise<ReadonlyMap<string, string>>;
  readonly filename: string;
  readonly source: AsyncIterable<Uint8Array>;
}

/**
 * Reads an upload in parts while it comes; `take` gets the first file called `file` and consumes it. Throws `unsupported_media_type`,
 * `invalid_request` for an upload without a file or broken parts, `cancelled` when the client goes, and what `take` throws.
 */
export async function receiveUpload<T>(request: IncomingMessage, take: (file: UploadedFile) => Promise<T>): Promise<T> {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(contentType))
    throw new PlatformError('unsupported_media_type', { message: 'a file is uploaded as multipart/form-data' });
  const { Busboy } = await import('@fastify/busboy');
  return new Promise<T>((resolve, reject) => {
    const fields = new Map<string, string>();
    const complete = Promise.withResolvers<ReadonlyMap<string, string>>();
    complete.promise.catch(() => undefined);
    let taken: Promise<T> | undefined;
    const fail = (thrown: unknown): void => {
      request.unpipe(parser);
      complete.reject(thrown);
      reject(isPlatformError(thrown) ? thrown : broken(thrown));
    };
    let parser: InstanceType<typeof Busboy>;
    try {
      parser = new Busboy({
        headers: { ...request.headers, 'content-type': contentType },
        limits: { fields: 20, fieldSize: 10_000, fieldNameSize: 200, files: 2, parts: 24, headerPairs: 20 },
      });
    } catch (thrown) {
      reject(broken(thrown));
      return;
    }
    parser.on('field', (name: string, value: string) => void fields.set(name.slice(0, 200), value));
    parser.on('file', (name: string, stream: Readable, filename: string) => {
      if (name !== 'file' || taken !== undefined) {
        stream.resume();
        return;
      }
      // Without a listener an upload that breaks off would end the process.
      stream.on('error', () => undefined);
      try {
        taken = take({ fields: complete.promise, filename: filename || 'file', source: stream as AsyncIterable<Uint8Array> });
      } catch (thrown) {
        taken = Promise.reject(thrown as Error);
      }
      taken.catch((thrown: unknown) => {
        stream.resume();
        fail(thrown);
      });
    });
    parser.on('error', fail);
    parser.on('finish', () => {
      complete.resolve(fields);
      if (taken === undefined) fail(new PlatformError('invalid_request', { message: 'the upload has no part called "file"', details: { param: 'file' } }));
      else taken.then(resolve, reject);
    });
    request.once('close', () => {
      if (request.complete) return;
      const gone = new PlatformError('cancelled', { message: 'the client went away before its upload was complete' });
      parser.destroy(gone);
      fail(gone);
    });
    request.pipe(parser);
  });
}

const broken = (cause: unknown): PlatformError => new PlatformError('invalid_request', { message: 'the parts of the upload can not be read', cause });
