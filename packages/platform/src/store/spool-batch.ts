import type { PlatformError } from '@maru/api/errors';
import { encodeFrame, frameBytesAtMost } from './spool-frame.ts';

/** A record that waits to be written. */
export interface Waiting<Value> {
  /** Where it lies in the bytes of its batch. */
  readonly start: number;
  readonly end: number;
  readonly value?: Value | undefined;
  /** Told once, as soon as the record is with the operating system, or why it is not. */
  readonly done: (error: PlatformError | undefined) => void;
}

/** What is kept of the memory of a batch for the next one. */
const KEPT_BYTES = 256 * 1024;

/** Records that go to the disk in one write. */
export class SpoolBatch<Value> {
  #bytes = Buffer.allocUnsafeSlow(16 * 1024);
  #records: Waiting<Value>[] = [];
  #end = 0;

  /** Bytes of its records. */
  get length(): number {
    return this.#end;
  }

  /** Adds a record; false, and nothing is added, where it has more than `maxBytes` with its header. */
  add(record: Uint8Array | string, maxBytes: number, told: Pick<Waiting<Value>, 'value' | 'done'>): boolean {
    if (record.length > maxBytes) return false;
    this.#makeRoom(frameBytesAtMost(record));
    const start = this.#end;
    const end = encodeFrame(this.#bytes, start, record);
    if (end - start > maxBytes) return false;
    this.#records.push({ start, end, value: told.value, done: told.done });
    this.#end = end;
    return true;
  }

  /** Empties it. The bytes hold until the next record is added. */
  take(): { readonly bytes: Buffer; readonly records: readonly Waiting<Value>[] } {
    const taken = { bytes: this.#bytes.subarray(0, this.#end), records: this.#records };
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
    this.#records = [];
    this.#end = 0;
    return taken;
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#end + bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
