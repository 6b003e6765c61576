import type { TraceEntry } from '../entry.ts';
import { LIMITS } from '../limits.ts';
import { unpackSpans } from './packed-spans.ts';
import type { QueuedEntry } from './queued-entry.ts';
import { toWholeTrace, type WholeTrace } from './whole-trace.ts';

/** What stands in the spool as one record. */
export interface SpoolRecord {
  readonly text: string;
  readonly entries: readonly QueuedEntry[];
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

/** A whole trace as one record: its spans as they will stand in its row, so that they are made into text once. */
export const toWholeRecord = (whole: WholeTrace): SpoolRecord => ({
  text: `[{"type":"whole","tenant":${JSON.stringify(whole.tenant)},"traceId":${JSON.stringify(whole.traceId)},"spans":${whole.spans}}]`,
  entries: [{ type: 'whole', whole }],
});

/** The entries of a record; undefined when it is not one that this version has made. */
export function fromSpoolRecord(record: Uint8Array): readonly QueuedEntry[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('utf8'));
    if (!Array.isArray(value)) return undefined;
    const entries = value.map(toEntry);
    return entries.includes(undefined) ? undefined : (entries as QueuedEntry[]);
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** A record from another version of the program must not stop the queue. */
function toEntry(value: unknown): QueuedEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, span, trace, score } = value as Record<string, Record<string, unknown> | undefined>;
  const isEntry =
    (type as unknown) === 'span'
      ? isText(span?.['tenant']) && isText(span['traceId']) && isText(span['spanId']) && Number.isFinite(span['atMs'])
      : (type as unknown) === 'trace'
        ? isText(trace?.['tenant']) && isText(trace['traceId']) && typeof trace['given'] === 'object'
        : (type as unknown) === 'score' && isText(score?.['tenant']) && typeof score['score'] === 'object';
  return isEntry ? (value as TraceEntry) : (type as unknown) === 'whole' ? toWholeEntry(value) : undefined;
}

function toWholeEntry(value: object): QueuedEntry | undefined {
  const { tenant, traceId, spans: packed } = value as Record<string, unknown>;
  if (!isText(tenant) || !isText(traceId)) return undefined;
  const spans = unpackSpans(packed, { tenant, traceId });
  return spans.length === 0 ? undefined : { type: 'whole', whole: toWholeTrace({ tenant, traceId, spans, given: {} }) };
}
