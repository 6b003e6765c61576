import { ZERO_USAGE } from '@maru/api/records';
import type { TraceSummary } from '@maru/api/wire';
import { toMs } from '../settle/microseconds.ts';
import { toUsage } from '../settle/span-row.ts';
import type { TraceRow } from '../settle/tables.ts';

/** The row of a trace as the API shows it. */
export const toTraceSummary = (row: TraceRow): TraceSummary => ({
  traceId: row.trace_id,
  name: row.name,
  startMs: toMs(row.start_us),
  durationMs: row.duration_us === null ? null : toMs(row.duration_us),
  status: row.status === 'ok' || row.status === 'error' ? row.status : 'unset',
  statusMessage: row.status_message,
  tenant: row.tenant,
  session: row.session,
  user: row.user_id,
  model: row.model,
  spans: row.spans,
  usage: toUsage(row) ?? ZERO_USAGE,
  costNanoUsd: row.cost_nano_usd,
});
