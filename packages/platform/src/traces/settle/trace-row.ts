import type { TraceGiven } from '../entry.ts';
import { toFacets } from './facets.ts';
import { toUs } from './microseconds.ts';
import { excerptOf, toSearchText } from './search-text.ts';
import { inStartOrder } from './span-facts.ts';
import { summariseTrace, type TraceFacts } from './summarise-trace.ts';
import type { TraceRow } from './tables.ts';
import { cleanText } from './text.ts';
import type { TraceContents } from './trace-contents.ts';

/** What the row of a trace is made of. */
export interface TraceSource {
  readonly tenant: string;
  readonly traceId: string;
  readonly given: TraceGiven;
  readonly contents: TraceContents;
  /** Start of a trace that has no spans and none that the client gave. */
  readonly atMs: number;
}

/** The totals of a trace as the row of its table, with its spans in rows of their own. */
export function toTraceRow({ tenant, traceId, given, contents, atMs }: TraceSource): TraceRow {
  const inOrder = inStartOrder(contents.spans);
  const facts = summariseTrace(given, inOrder, toUs(atMs));
  return {
    tenant: cleanText(tenant),
    trace_id: cleanText(traceId),
    name: cleanText(facts.name),
    given: JSON.stringify(given),
    start_us: facts.startUs,
    end_us: facts.endUs,
    duration_us: facts.durationUs,
    ttft_us: facts.ttftUs,
    status: facts.status,
    status_message: facts.statusMessage,
    session: facts.session === null ? null : cleanText(facts.session),
    user_id: facts.user === null ? null : cleanText(facts.user),
    model: facts.model,
    spans: facts.spans,
    input_tokens: facts.usage.inputTokens,
    cache_read_tokens: facts.usage.cacheReadTokens,
    cache_write_tokens: facts.usage.cacheWriteTokens,
    output_tokens: facts.usage.outputTokens,
    reasoning_tokens: facts.usage.reasoningTokens,
    cost_nano_usd: facts.costNanoUsd,
    search_text: toSearchText(searchParts(facts, given, contents)),
    own_spans: null,
    facets: toFacets(inOrder),
  };
}

function searchParts(facts: TraceFacts, given: TraceGiven, contents: TraceContents): readonly (string | null)[] {
  const parts = [facts.name, facts.model, facts.session, facts.user, facts.statusMessage];
  if (given.tags !== undefined) parts.push(...given.tags);
  if (given.input !== undefined) parts.push(excerptOf(given.input));
  if (given.output !== undefined) parts.push(excerptOf(given.output));
  if (contents.excerpts.length > 0) parts.push(...contents.excerpts);
  return parts;
}
