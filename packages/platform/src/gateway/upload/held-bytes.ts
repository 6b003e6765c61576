import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Kept in memory before the rest goes to the disk. */
const MEMORY_BYTES = 1024 * 1024;

/** Bytes that wait until it is known where they go: the first megabyte in memory, the rest in a file without a name. */
export class HeldBytes {
  readonly #path: string;
  #chunks: Buffer[] = [];
  #memory = 0;
  #file: FileHandle | undefined;
  #fileBytes = 0;

  /** `name` must be unique in the folder. */
  constructor(folder: string, name: string) {
    this.#path = join(folder, name);
  }

  async append(bytes: Buffer): Promise<void> {
    if (this.#file === undefined && this.#memory + bytes.length <= MEMORY_BYTES) {
      this.#chunks.push(bytes);
      this.#memory += bytes.length;
      return;
    }
    this.#file ??= await openNameless(this.#path);
    await this.#file.write(bytes, 0, bytes.length, this.#fileBytes);
    this.#fileBytes += bytes.length;
  }

  /** All bytes in order; may be read more than once, one after the other. */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    yield* this.#chunks;
    for (let at = 0; at < this.#fileBytes; ) {
      const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, this.#fileBytes - at));
      const { bytesRead } = (await this.#file?.read(buffer, 0, buffer.length, at)) ?? { bytesRead: 0 };
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  async close(): Promise<void> {
    this.#chunks = [];
    const file = this.#file;
    this.#file = undefined;
    this.#fileBytes = 0;
    await file?.close();
  }
}

/** The name goes at once, so that a process that dies leaves nothing behind. */
async function openNameless(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
