import { type Dialect, prepareInsert, type RowOf } from '#store';
import type { Connection } from './tables.ts';
import type { WholeTrace } from './whole-trace.ts';

const COLUMNS = [
  'tenant',
  'trace_id',
  'name',
  'given',
  'start_us',
  'end_us',
  'duration_us',
  'ttft_us',
  'status',
  'status_message',
  'session',
  'user_id',
  'model',
  'spans',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano_usd',
  'search_text',
  'own_spans',
  'facets',
] as const;

const insertTraces = prepareInsert({ table: 'trace', columns: COLUMNS, onConflict: 'keep', returning: ['trace_id'] });

/**
 * Writes the traces that nobody has stored anything of: whole, each row once, and nothing is read back. A row of a trace exists
 * before its first span does, so a trace without one has no spans either. Returns those that were not written: they need a merge.
 */
export async function writeFreshTraces(db: Connection, dialect: Dialect, traces: readonly WholeTrace[]): Promise<readonly WholeTrace[]> {
  const written = await insertTraces(db, dialect, traces.map(toValues));
  if (written.length === traces.length) return [];
  const stored = new Set(written.map((row) => row.trace_id));
  return traces.filter(({ row }) => !stored.has(row.trace_id));
}

const toValues = ({ row, spans }: WholeTrace): RowOf<'trace', typeof COLUMNS> => [
  row.tenant,
  row.trace_id,
  row.name,
  row.given,
  row.start_us,
  row.end_us,
  row.duration_us,
  row.ttft_us,
  row.status,
  row.status_message,
  row.session,
  row.user_id,
  row.model,
  row.spans,
  row.input_tokens,
  row.cache_read_tokens,
  row.cache_write_tokens,
  row.output_tokens,
  row.reasoning_tokens,
  row.cost_nano_usd,
  row.search_text,
  spans,
  row.facets,
];
