import { rmSync, statSync, truncateSync } from 'node:fs';
import type { Log } from '#telemetry';
import { readCursor, type SpoolCursor } from './spool-cursor.ts';
import { listSegments, readSegment, segmentPath } from './spool-segment.ts';

export interface RecoveredSpool {
  readonly cursor: SpoolCursor;
  /** Of the cursor that was read; 0 where none was. */
  readonly turn: number;
  /** Good bytes of each segment that is still needed, oldest first. */
  readonly sizes: Map<number, number>;
}

/** Measures what lies in a spool folder, cuts what is not a record, and finds where draining goes on. */
export function recoverSpool(folder: string, maxRecordBytes: number, log: Log): RecoveredSpool {
  const stored = readCursor(folder);
  if (stored === 'corrupt') log.error({ spool: folder }, 'the cursor of the spool is corrupt: its records are handled again');
  const known = typeof stored === 'string' ? undefined : stored.cursor;
  const sizes = new Map<number, number>();
  for (const segment of listSegments(folder)) {
    const path = segmentPath(folder, segment);
    if (segment < (known?.segment ?? 0)) rmSync(path, { force: true });
    else sizes.set(segment, cutToGood(path, { from: segment === known?.segment ? known.offset : 0, maxRecordBytes, log }));
  }
  const segment = sizes.keys().next().value ?? known?.segment ?? 1;
  const offset = segment === known?.segment ? Math.min(known.offset, sizes.get(segment) ?? 0) : 0;
  return { cursor: { segment, offset }, turn: typeof stored === 'string' ? 0 : stored.turn, sizes };
}

/** Returns the offset behind the last good record, and removes what lies behind it. */
function cutToGood(path: string, options: { from: number; maxRecordBytes: number; log: Log }): number {
  const to = statSync(path).size;
  let end = Math.min(options.from, to);
  for (let corrupt = false; end < to && !corrupt; ) {
    ({ end, corrupt } = readSegment(path, { from: end, to, maxRecords: 1000, maxBytes: 1024 * 1024, maxRecordBytes: options.maxRecordBytes }));
  }
  if (end < to) cutSegment(path, { end, to, log: options.log });
  return end;
}

/** Removes the bytes behind the last good record and says so. */
export function cutSegment(path: string, cut: { end: number; to: number; log: Log }): void {
  cut.log.error({ path, goodBytes: cut.end, cutBytes: cut.to - cut.end }, 'a spool segment had a torn or corrupt tail: cut at the last good record');
  truncateSync(path, cut.end);
}
