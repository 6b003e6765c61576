import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFrame, FRAME_HEADER_BYTES } from './spool-frame.ts';

const SUFFIX = '.seg';

export const segmentPath = (folder: string, segment: number): string => join(folder, `${segment.toString().padStart(12, '0')}${SUFFIX}`);

/** Numbers of the segments in a folder, oldest first. */
export function listSegments(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^\d{12}\.seg$/.test(name))
    .map((name) => Number(name.slice(0, -SUFFIX.length)))
    .sort((left, right) => left - right);
}

export interface ReadOptions {
  readonly from: number;
  /** Bytes of the segment that count; what lies behind is not read. */
  readonly to: number;
  readonly maxRecords: number;
  /** Reading stops after this many bytes, but never before the first record. */
  readonly maxBytes: number;
  readonly maxRecordBytes: number;
}

export interface ReadResult {
  readonly records: readonly Uint8Array[];
  /** Offset behind the last good record. */
  readonly end: number;
  /** Bytes follow at `end` that are not a record. */
  readonly corrupt: boolean;
}

const CHUNK_BYTES = 256 * 1024;

/** Reads whole records out of one segment, in order, up to the first that is torn or corrupt. */
export function readSegment(path: string, options: ReadOptions): ReadResult {
  const file = openSync(path, 'r');
  try {
    return readRecords(file, options);
  } finally {
    closeSync(file);
  }
}

function readRecords(file: number, options: ReadOptions): ReadResult {
  const records: Uint8Array[] = [];
  let end = options.from;
  while (end < options.to && records.length < options.maxRecords && end - options.from < options.maxBytes) {
    const chunk = readChunk(file, end, Math.min(options.to - end, chunkBytes(file, end, options)));
    let at = 0;
    while (records.length < options.maxRecords && end - options.from < options.maxBytes) {
      const frame = decodeFrame(chunk, at, options.maxRecordBytes);
      if (frame.kind === 'corrupt') return { records, end, corrupt: true };
      if (frame.kind === 'short') break;
      records.push(frame.record);
      end += frame.end - at;
      at = frame.end;
    }
    if (at === 0) return { records, end, corrupt: true };
  }
  return { records, end, corrupt: false };
}

/** A chunk holds at least the next record whole. */
function chunkBytes(file: number, at: number, options: ReadOptions): number {
  const header = readChunk(file, at, Math.min(FRAME_HEADER_BYTES, options.to - at));
  const length = header.length < FRAME_HEADER_BYTES ? 0 : header.readUInt32LE(0);
  return Math.max(CHUNK_BYTES, FRAME_HEADER_BYTES + Math.min(length, options.maxRecordBytes));
}

function readChunk(file: number, at: number, length: number): Buffer {
  const chunk = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, chunk, filled, length - filled, at + filled);
    if (count === 0) break;
    filled += count;
  }
  return chunk.subarray(0, filled);
}
