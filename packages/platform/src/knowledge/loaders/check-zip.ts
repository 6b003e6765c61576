import { PlatformError } from '@maru/api/errors';

const MAX_ENTRIES = 5000;
/** XML packs well, but an honest document never packs to a two-hundredth. */
const MAX_RATIO = 200;
const RATIO_FROM_BYTES = 10 * 1024 * 1024;

/**
 * Unpacks the archive into nothing and counts. Throws `document_too_large` when it has too many entries, or when they declare
 * or really hold too much; `document_unreadable` when it is broken.
 */
export async function checkZip(options: { path: string; bytes: Uint8Array; maxUnpackedBytes: number; signal: AbortSignal }): Promise<readonly string[]> {
  const { path, bytes, maxUnpackedBytes, signal } = options;
  const names: string[] = [];
  let declared = 0;
  let actual = 0;
  const tooLarge = (what: string): PlatformError => new PlatformError('document_too_large', { message: `${path} ${what}`, details: { path } });
  const checkSize = (size: number): void => {
    if (size > maxUnpackedBytes) throw tooLarge(`unpacks to more than ${maxUnpackedBytes} bytes`);
    if (size > RATIO_FROM_BYTES && size > bytes.length * MAX_RATIO) throw tooLarge(`unpacks to more than ${MAX_RATIO} times its size`);
  };
  try {
    const { default: yauzl } = await import('yauzl');
    const zip = await yauzl.fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), { lazyEntries: true });
    if (zip.entryCount > MAX_ENTRIES) throw tooLarge(`holds more than ${MAX_ENTRIES} files`);
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      names.push(entry.fileName);
      if (names.length > MAX_ENTRIES) throw tooLarge(`holds more than ${MAX_ENTRIES} files`);
      declared += entry.uncompressedSize;
      checkSize(declared);
      if (entry.isEncrypted()) throw new PlatformError('document_unreadable', { message: `${path} is encrypted`, details: { path } });
      if (entry.fileName.endsWith('/')) continue;
      for await (const chunk of await zip.openReadStreamPromise(entry)) {
        actual += (chunk as Uint8Array).length;
        checkSize(actual);
      }
    }
    return names;
  } catch (cause) {
    if (cause instanceof PlatformError || signal.aborted) throw cause;
    throw new PlatformError('document_unreadable', { message: `${path} is a broken archive: ${(cause as Error).message}`, cause, details: { path } });
  }
}
