import { closeSync, fsync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { clearImmediate, setImmediate } from 'node:timers';
import { PlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Clock, Timer } from '#time';
import { SpoolBatch, type Waiting } from './spool-batch.ts';
import { CursorFile, type SpoolCursor } from './spool-cursor.ts';
import { HeldValues } from './spool-held.ts';
import { cutSegment, recoverSpool } from './spool-recover.ts';
import { type ReadResult, readSegment, segmentPath } from './spool-segment.ts';
import { toStorageError } from './storage-error.ts';

/** Gets records in the order of their appending, as values where they are held and as bytes otherwise; may get the same records again after a crash. */
export type SpoolHandler<Value> = (records: readonly (Uint8Array | Value)[]) => Promise<void>;

/** A queue on disk: what `append` has accepted survives kill -9 and reaches a handler at least once. */
export interface Spool<Value extends object = never> {
  /** Its folder. */
  readonly path: string;
  /**
   * Hands one record to the operating system before it returns.
   * A value that is given with it may come back in its place, so that it need not be read and parsed again.
   * Throws `storage_full` or `storage_failed`, and then nothing of the record is kept.
   */
  append(record: Uint8Array | string, value?: Value): void;
  /**
   * As `append`, in one write with all else that comes in this turn of the event loop. `done` is called once, right after the write or with
   * what `append` would have thrown, and must not throw. Until then a killed process loses the record.
   */
  appendSoon(record: Uint8Array | string, told: SoonAppended<Value>): void;
  /**
   * Gives the oldest records (at most `max`) to the handler and forgets them once it resolves; when it
   * rejects, the records stay and the error rises. Calls follow one another.
   * Returns how many were handled: 0 means empty.
   */
  drain(handler: SpoolHandler<Value>, max: number): Promise<number>;
  /** Bytes that wait to be drained. */
  backlogBytes(): number;
  /** Waits for a drain in progress and closes the files; later appends throw `shutting_down`. */
  close(): Promise<void>;
}

interface SoonAppended<Value> {
  readonly value?: Value | undefined;
  /** Without an error the record is safe. */
  readonly done: (error: PlatformError | undefined) => void;
}

export interface OpenSpoolOptions {
  /** Folder of the spool; made when missing. One process at a time. */
  readonly path: string;
  readonly log: Log;
  /** A new segment begins after this many bytes. */
  readonly maxSegmentBytes?: number;
  readonly maxRecordBytes?: number;
  /** Also forces the data to the disk every so often; without it a power cut can lose the last seconds, a killed process nothing. */
  readonly fsync?: { readonly clock: Clock; readonly everyMs: number };
  /** Writes to a file as `writeSync` does. */
  readonly write?: (file: number, bytes: Uint8Array, offset: number) => number;
}

const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** A shared write does not wait for more than this. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Opens or makes a spool. A torn or corrupt tail is cut at the last good record and reported through `log`. */
export function openSpool<Value extends object = never>(options: OpenSpoolOptions): Spool<Value> {
  try {
    return new SegmentedSpool<Value>(options);
  } catch (cause) {
    throw toStorageError(cause, `opening the spool "${options.path}"`);
  }
}

class SegmentedSpool<Value extends object> implements Spool<Value> {
  readonly path: string;
  readonly #options: OpenSpoolOptions;
  readonly #maxSegmentBytes: number;
  readonly #maxRecordBytes: number;
  /** Good bytes of each segment that is not yet forgotten, oldest first; the last one is written to. */
  readonly #sizes: Map<number, number>;
  #cursor: SpoolCursor;
  readonly #cursorFile: CursorFile;
  readonly #held = new HeldValues<Value>();
  readonly #waiting = new SpoolBatch<Value>();
  #turnEnd: NodeJS.Immediate | undefined;
  #active = 0;
  #file = -1;
  #draining: Promise<unknown> = Promise.resolve();
  #removing: Promise<unknown> = Promise.resolve();
  #syncTimer: Timer | undefined;

  constructor(options: OpenSpoolOptions) {
    this.#options = options;
    this.path = options.path;
    this.#maxSegmentBytes = options.maxSegmentBytes ?? 8 * 1024 * 1024;
    this.#maxRecordBytes = options.maxRecordBytes ?? 16 * 1024 * 1024;
    mkdirSync(options.path, { recursive: true, mode: 0o700 });
    const { cursor, turn, sizes } = recoverSpool(options.path, this.#maxRecordBytes, options.log);
    this.#cursor = cursor;
    this.#cursorFile = new CursorFile(options.path, turn);
    this.#sizes = sizes;
    this.#startSegment(Math.max(cursor.segment, ...sizes.keys()));
  }

  append(record: Uint8Array | string, value?: Value): void {
    this.#writeWaiting();
    let failed: PlatformError | undefined;
    this.#add(record, {
      value,
      done: (error) => {
        failed = error;
      },
    });
    this.#writeWaiting();
    if (failed !== undefined) throw failed;
  }

  appendSoon(record: Uint8Array | string, told: SoonAppended<Value>): void {
    try {
      this.#add(record, told);
    } catch (error) {
      told.done(error as PlatformError);
      return;
    }
    if (this.#waiting.length > MAX_WAITING_BYTES) this.#writeWaiting();
    else this.#turnEnd ??= setImmediate(() => this.#writeWaiting());
  }

  drain(handler: SpoolHandler<Value>, max: number): Promise<number> {
    const result = this.#draining.then(() => this.#drainOnce(handler, max));
    this.#draining = result.catch(() => undefined);
    return result;
  }

  backlogBytes(): number {
    let bytes = -this.#cursor.offset;
    for (const size of this.#sizes.values()) bytes += size;
    return bytes;
  }

  async close(): Promise<void> {
    await this.#draining;
    await this.#removing;
    if (this.#file < 0) return;
    this.#writeWaiting();
    this.#syncTimer?.cancel();
    if (this.#options.fsync !== undefined) fsyncSync(this.#file);
    closeSync(this.#file);
    this.#cursorFile.close();
    this.#file = -1;
  }

  async #drainOnce(handler: SpoolHandler<Value>, max: number): Promise<number> {
    this.#writeWaiting();
    for (;;) {
      const { segment, offset } = this.#cursor;
      const held = this.#held.takeFrom(this.#cursor, max);
      if (held !== undefined) {
        await handler(held.values);
        this.#moveCursor({ segment, offset: held.end });
        return held.values.length;
      }
      const size = this.#sizes.get(segment) ?? 0;
      if (offset < size) {
        const batch = this.#read(segment, { from: offset, to: this.#held.nextStart(segment) ?? size, maxRecords: max });
        if (batch.records.length > 0) {
          await handler(batch.records);
          this.#moveCursor({ segment, offset: batch.end });
          return batch.records.length;
        }
        if (batch.corrupt) this.#abandon(segment, batch.end);
      } else if (segment < this.#active) this.#moveCursor({ segment: this.#nextSegment(segment), offset: 0 });
      else return 0;
    }
  }

  /** The rest of a segment went bad while the program ran: what follows is written to a new one. */
  #abandon(segment: number, end: number): void {
    const to = this.#sizes.get(segment) ?? end;
    if (segment === this.#active) this.#startSegment(segment + 1);
    this.#sizes.set(segment, end);
    cutSegment(this.#path(segment), { end, to, log: this.#options.log });
  }

  #moveCursor(cursor: SpoolCursor): void {
    try {
      this.#cursorFile.write(cursor);
    } catch (cause) {
      throw toStorageError(cause, `writing the cursor of the spool "${this.#options.path}"`);
    }
    this.#cursor = cursor;
    for (const segment of this.#sizes.keys()) {
      if (segment >= cursor.segment) break;
      this.#sizes.delete(segment);
      this.#remove(segment);
    }
  }

  /** Off this thread: the system takes milliseconds for a large file. What is left of it at a crash is removed by the next start. */
  #remove(segment: number): void {
    const removed = rm(this.#path(segment), { force: true }).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      this.#options.log.error({ spool: this.path, segment, error: code }, 'a segment of the spool that is no longer needed could not be removed');
    });
    this.#removing = this.#removing.then(() => removed);
  }

  #nextSegment(after: number): number {
    for (const segment of this.#sizes.keys()) if (segment > after) return segment;
    return this.#active;
  }

  #add(record: Uint8Array | string, told: Pick<Waiting<Value>, 'value' | 'done'>): void {
    if (this.#file < 0) throw new PlatformError('shutting_down', { message: 'the spool is closed' });
    if (!this.#waiting.add(record, this.#maxRecordBytes, told))
      throw new PlatformError('body_too_large', { message: `a record of ${record.length} characters does not fit into the spool "${this.path}"` });
  }

  /** Writes what waits at once or, where that does not succeed, one by one: each record is told how it went for itself. */
  #writeWaiting(): void {
    if (this.#turnEnd !== undefined) clearImmediate(this.#turnEnd);
    this.#turnEnd = undefined;
    if (this.#waiting.length === 0) return;
    const { bytes, records } = this.#waiting.take();
    const error = this.#write(bytes, records);
    if (error === undefined || records.length === 1) {
      for (const { done } of records) done(error);
      return;
    }
    // Those who are told may append, into the same memory.
    const own = Buffer.from(bytes);
    for (const { start, end, value, done } of records) done(this.#write(own.subarray(start, end), [{ start: 0, end: end - start, value }]));
  }

  /** Either all records stand in the file, or none does and the reason is returned. */
  #write(bytes: Buffer, records: readonly Omit<Waiting<Value>, 'done'>[]): PlatformError | undefined {
    try {
      if (this.#activeSize() > 0 && this.#activeSize() + bytes.length > this.#maxSegmentBytes) this.#startSegment(this.#active + 1);
      this.#writeBytes(bytes);
    } catch (cause) {
      return toStorageError(cause, `writing to the spool "${this.path}"`);
    }
    const from = this.#activeSize();
    for (const { start, end, value } of records)
      if (value !== undefined) this.#held.keep({ segment: this.#active, start: from + start, end: from + end, value });
    this.#sizes.set(this.#active, from + bytes.length);
    this.#scheduleSync();
    return undefined;
  }

  #writeBytes(bytes: Buffer): void {
    const write = this.#options.write ?? writeSync;
    let written = 0;
    try {
      while (written < bytes.length) written += write(this.#file, bytes, written);
    } catch (cause) {
      if (written > 0) this.#undo(this.#activeSize());
      throw cause;
    }
  }

  #activeSize(): number {
    return this.#sizes.get(this.#active) ?? 0;
  }

  /** Half a record must not stay: the next one would be unreadable behind it. */
  #undo(size: number): void {
    try {
      ftruncateSync(this.#file, size);
    } catch {
      this.#startSegment(this.#active + 1);
    }
  }

  #startSegment(segment: number): void {
    const file = openSync(this.#path(segment), 'a', 0o600);
    if (this.#file >= 0) {
      if (this.#options.fsync !== undefined) fsyncSync(this.#file);
      closeSync(this.#file);
    }
    this.#file = file;
    this.#active = segment;
    if (!this.#sizes.has(segment)) this.#sizes.set(segment, 0);
  }

  #scheduleSync(): void {
    const every = this.#options.fsync;
    if (every === undefined || this.#syncTimer !== undefined) return;
    this.#syncTimer = every.clock.schedule(every.everyMs, () => {
      this.#syncTimer = undefined;
      const file = this.#file;
      // Off this thread: a slow disk must not hold requests. A segment that was closed meanwhile was forced to the disk before.
      fsync(file, (error) => {
        if (error === null || file !== this.#file) return;
        this.#options.log.error({ spool: this.#options.path, error: error.code }, 'the spool could not be forced to the disk');
      });
    });
  }

  #read(segment: number, range: { from: number; to: number; maxRecords: number }): ReadResult {
    return readSegment(this.#path(segment), { ...range, maxBytes: MAX_BATCH_BYTES, maxRecordBytes: this.#maxRecordBytes });
  }

  #path(segment: number): string {
    return segmentPath(this.#options.path, segment);
  }
}
