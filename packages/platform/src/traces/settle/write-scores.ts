import type { TenantScore } from '../entry.ts';
import type { Connection } from './tables.ts';
import { cleanText } from './text.ts';

/** Inserts scores; one with a known id replaces the earlier one. */
export async function writeScores(db: Connection, scores: readonly TenantScore[]): Promise<void> {
  if (scores.length === 0) return;
  const text = (value: string | undefined): string | null => (value === undefined ? null : cleanText(value));
  await db
    .insertInto('score')
    .values(
      scores.map(({ tenant, score }) => ({
        tenant: cleanText(tenant),
        id: cleanText(score.id),
        name: cleanText(score.name),
        value: score.value === null || !Number.isFinite(score.value) ? null : score.value,
        label: text(score.label),
        comment: text(score.comment),
        source: score.source,
        at_ms: Math.round(score.atMs),
        trace_id: text(score.traceId),
        span_id: text(score.spanId),
        session: text(score.session),
        run_id: text(score.runId),
        row_id: text(score.row),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'id']).doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        value: eb.ref('excluded.value'),
        label: eb.ref('excluded.label'),
        comment: eb.ref('excluded.comment'),
        source: eb.ref('excluded.source'),
        at_ms: eb.ref('excluded.at_ms'),
        trace_id: eb.ref('excluded.trace_id'),
        span_id: eb.ref('excluded.span_id'),
        session: eb.ref('excluded.session'),
        run_id: eb.ref('excluded.run_id'),
        row_id: eb.ref('excluded.row_id'),
      })),
    )
    .execute();
}
