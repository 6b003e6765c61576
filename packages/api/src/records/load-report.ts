import { z } from 'zod';

const count = z.number().int().nonnegative();
const rate = z.number().nonnegative();

/** Spread of a measure over requests or tokens; percentiles interpolate between neighbours. */
export const distributionSchema = z.object({
  count,
  mean: z.number(),
  standardDeviation: z.number(),
  min: z.number(),
  p50: z.number(),
  p75: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});

export type Distribution = z.infer<typeof distributionSchema>;

const measure = distributionSchema.nullable();

/** One load level: what was sent, what came back, and how long it took. Null where nothing was measured. */
export const loadStageSchema = z.object({
  /** For people: `concurrency 8`, `rate 4/s`, `trace`. */
  name: z.string(),
  mode: z.enum(['concurrency', 'rate', 'trace']),
  /** Requests kept in flight, or the most of them where the mode is another one. */
  concurrency: z.number().int().positive().nullable(),
  /** Mean arrivals per second that were asked for. */
  ratePerS: z.number().positive().nullable(),
  /** False when the stage was stopped before all was sent. */
  complete: z.boolean(),
  durationMs: z.number().nonnegative(),
  requests: z.object({ planned: count, sent: count, completed: count, failed: count, cancelled: count }),
  errors: z.array(z.object({ kind: z.string(), count, example: z.string() })),
  /** Tokens as the server counted them; of answers without a count, the chunks. */
  inputTokens: count,
  outputTokens: count,
  /** Prompt tokens that the server says it had cached; null when it says nothing. */
  cachedTokens: count.nullable(),
  inputLength: measure,
  outputLength: measure,
  requestsPerS: rate,
  inputTokensPerS: rate,
  outputTokensPerS: rate,
  /** Most output tokens in one second of the stage. */
  peakOutputTokensPerS: rate,
  peakConcurrency: count,
  /** Completed requests within the SLO, per second and as a share of all sent; null without an SLO. */
  goodputPerS: rate.nullable(),
  withinSlo: z.number().min(0).max(1).nullable(),
  /** Until the first token. */
  ttftMs: measure,
  /** From the first to the second token. */
  secondTokenMs: measure,
  /** Mean time per token after the first, per request. */
  tpotMs: measure,
  /** Between two tokens, over all tokens. */
  itlMs: measure,
  e2eMs: measure,
  /** Tokens per second that one reader sees, per request. */
  outputTokensPerSPerUser: measure,
  /** How late requests left, against the plan; grows when the client can not keep up. */
  sendDelayMs: measure,
});

export type LoadStage = z.infer<typeof loadStageSchema>;

/** What a load test of one OpenAI-compatible server found. Holds no prompt, no answer and no key. */
export const loadReportSchema = z.object({
  kind: z.literal('maru-load-report'),
  version: z.literal(1),
  measuredAt: z.iso.datetime(),
  target: z.object({
    url: z.string(),
    operation: z.enum(['chat', 'completions']),
    model: z.string(),
    streaming: z.boolean(),
    /** True when the server says that it is simulated. */
    simulated: z.boolean(),
    maxModelLength: z.number().int().positive().nullable(),
  }),
  client: z.object({ version: z.string(), runtime: z.string(), system: z.string() }),
  workload: z.object({
    input: z.string(),
    output: z.string(),
    /** Tokens at the beginning that all prompts have in common. */
    sharedPrefixTokens: count,
    trace: z.string().nullable(),
    seed: z.number().int(),
    ignoreEos: z.boolean(),
    warmUpRequests: count,
    /** Tokens that a word of the made-up prompts takes with this model's tokenizer, and the tokens around them. */
    tokensPerWord: z.number().positive(),
    overheadTokens: z.number(),
  }),
  slo: z.object({ ttftMs: z.number().positive().nullable(), tpotMs: z.number().positive().nullable(), e2eMs: z.number().positive().nullable() }),
  /** False when it was stopped, or when a stage could not be run. */
  complete: z.boolean(),
  stages: z.array(loadStageSchema),
});

export type LoadReport = z.infer<typeof loadReportSchema>;
