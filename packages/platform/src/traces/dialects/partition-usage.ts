import type { Usage } from '@maru/api/records';

/** Token counts as a vendor reports them. */
export interface ReportedTokens {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly reasoning?: number | undefined;
}

/**
 * Disjoint buckets from counts whose `input` contains the cached tokens and whose `output` contains the reasoning, as
 * OpenAI and the OpenTelemetry conventions count. Where the parts are larger than the whole, the reporter counted
 * them apart, and nothing is taken off. Undefined when nothing was reported.
 */
export function partitionUsage(reported: ReportedTokens): Usage | undefined {
  if (Object.values(reported).every((value) => value === undefined)) return undefined;
  const counts = wholeCounts(reported);
  const cached = counts.cacheRead + counts.cacheWrite;
  return {
    inputTokens: cached <= counts.input ? counts.input - cached : counts.input,
    cacheReadTokens: counts.cacheRead,
    cacheWriteTokens: counts.cacheWrite,
    outputTokens: counts.reasoning <= counts.output ? counts.output - counts.reasoning : counts.output,
    reasoningTokens: counts.reasoning,
  };
}

/** Disjoint buckets from counts that are apart already, as Anthropic and Langfuse count. */
export function disjointUsage(reported: ReportedTokens): Usage | undefined {
  if (Object.values(reported).every((value) => value === undefined)) return undefined;
  const counts = wholeCounts(reported);
  return {
    inputTokens: counts.input,
    cacheReadTokens: counts.cacheRead,
    cacheWriteTokens: counts.cacheWrite,
    outputTokens: counts.output,
    reasoningTokens: counts.reasoning,
  };
}

const MAX_TOKENS = 1e12;
const whole = (value: number | undefined): number => (value === undefined || !(value > 0) ? 0 : Math.min(Math.round(value), MAX_TOKENS));

const wholeCounts = (reported: ReportedTokens): Record<keyof ReportedTokens, number> => ({
  input: whole(reported.input),
  output: whole(reported.output),
  cacheRead: whole(reported.cacheRead),
  cacheWrite: whole(reported.cacheWrite),
  reasoning: whole(reported.reasoning),
});
