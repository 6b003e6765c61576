import { PlatformError } from '@maru/api/errors';
import type { SpanKind } from '@maru/api/records';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { hasFacet } from '../settle/facets.ts';
import { toUs } from '../settle/microseconds.ts';
import { toSearchText } from '../settle/search-text.ts';
import type { Tables } from '../settle/tables.ts';

/** Which traces are wanted; every filter that is given must hold. */
export interface TraceFilter {
  /** Traces that began at or after this time. */
  readonly fromMs?: number;
  /** Traces that began before this time. */
  readonly toMs?: number;
  readonly name?: string;
  readonly session?: string;
  readonly user?: string;
  /** Left out only for an administrator. */
  readonly tenant?: string;
  /** A model that any span of the trace used. */
  readonly model?: string;
  readonly status?: 'unset' | 'ok' | 'error';
  /** Traces that took at least this long; open ones are left out. */
  readonly minDurationMs?: number;
  /** Part of the name, model, session, user, tags, error or (where captured) of the first input and output. */
  readonly text?: string;
  /** Traces with a span of this kind. */
  readonly kind?: SpanKind;
}

type Builder = ExpressionBuilder<Tables, 'trace'>;

/** The conditions of a filter, in SQL of both databases. Throws `invalid_request` for a time or length that is not a number. */
export function traceConditions(eb: Builder, filter: TraceFilter): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  if (filter.tenant !== undefined) conditions.push(eb('trace.tenant', '=', filter.tenant));
  if (filter.fromMs !== undefined) conditions.push(eb('trace.start_us', '>=', toUs(finite('fromMs', filter.fromMs))));
  if (filter.toMs !== undefined) conditions.push(eb('trace.start_us', '<', toUs(finite('toMs', filter.toMs))));
  if (filter.name !== undefined) conditions.push(eb('trace.name', '=', filter.name));
  if (filter.session !== undefined) conditions.push(eb('trace.session', '=', filter.session));
  if (filter.user !== undefined) conditions.push(eb('trace.user_id', '=', filter.user));
  if (filter.status !== undefined) conditions.push(eb('trace.status', '=', filter.status));
  if (filter.minDurationMs !== undefined) conditions.push(eb('trace.duration_us', '>=', toUs(finite('minDurationMs', filter.minDurationMs))));
  if (filter.model !== undefined) conditions.push(hasFacet('trace.facets', 'model', filter.model));
  if (filter.kind !== undefined) conditions.push(hasFacet('trace.facets', 'kind', filter.kind));
  if (filter.text !== undefined && filter.text !== '') conditions.push(contains(filter.text));
  return conditions;
}

const contains = (text: string): Expression<SqlBool> => {
  const pattern = `%${toSearchText([text]).replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
  return sql<SqlBool>`trace.search_text like ${pattern} escape '\\'`;
};

function finite(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new PlatformError('invalid_request', { message: `${name} is not a number` });
  return value;
}
