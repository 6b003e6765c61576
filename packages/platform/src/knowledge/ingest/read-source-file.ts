import { type FileHandle, open } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import type { SourceFile } from '../sources/source-file.ts';

/** The bytes of a file; throws `document_too_large` before it reads more than the limit, `document_unreadable` when it can not be opened. */
export async function readSourceFile(file: SourceFile, maxBytes: number): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.absolute, 'r');
    const { size } = await handle.stat();
    if (size > maxBytes)
      throw new PlatformError('document_too_large', {
        message: `${file.path} has ${size} bytes; the limit of the base is ${maxBytes}`,
        details: { path: file.path },
      });
    return await handle.readFile();
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    throw new PlatformError('document_unreadable', {
      message: `${file.path} can not be read: ${(cause as Error).message}`,
      cause,
      details: { path: file.path },
    });
  } finally {
    await handle?.close();
  }
}
