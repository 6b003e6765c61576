import type { TraceEntry } from '../entry.ts';
import { LIMITS } from '../limits.ts';

/** What stands in the spool as one record. */
export interface SpoolRecord {
  readonly text: string;
  readonly entries: readonly TraceEntry[];
}

/** Entries as records of the spool: many small ones in one record, but no record larger than the limit. */
export function toSpoolRecords(entries: readonly TraceEntry[]): readonly SpoolRecord[] {
  const whole = JSON.stringify(entries);
  if (whole.length <= LIMITS.spoolRecordLength) return [{ text: whole, entries }];
  const records: SpoolRecord[] = [];
  let from = 0;
  let parts: string[] = [];
  let length = 0;
  for (const [index, entry] of entries.entries()) {
    const part = JSON.stringify(entry);
    if (parts.length > 0 && length + part.length > LIMITS.spoolRecordLength) {
      records.push({ text: `[${parts.join(',')}]`, entries: entries.slice(from, index) });
      from = index;
      parts = [];
      length = 0;
    }
    parts.push(part);
    length += part.length;
  }
  records.push({ text: `[${parts.join(',')}]`, entries: entries.slice(from) });
  return records;
}

/** The entries of a record; undefined when it is not one that {@link toSpoolRecords} made. */
export function fromSpoolRecord(record: Uint8Array): readonly TraceEntry[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('utf8'));
    return Array.isArray(value) && value.every(isEntry) ? value : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): boolean => typeof value === 'string';

/** A record from another version of the program must not stop the queue. */
function isEntry(value: unknown): value is TraceEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { type, span, trace, score } = value as Record<string, Record<string, unknown> | undefined>;
  if (text(type) && (type as unknown) === 'span')
    return text(span?.['tenant']) && text(span?.['traceId']) && text(span?.['spanId']) && Number.isFinite(span?.['atMs']);
  if ((type as unknown) === 'trace') return text(trace?.['tenant']) && text(trace?.['traceId']) && typeof trace?.['given'] === 'object';
  return (type as unknown) === 'score' && text(score?.['tenant']) && typeof score?.['score'] === 'object';
}
