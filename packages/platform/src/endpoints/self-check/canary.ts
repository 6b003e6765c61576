import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { parseJson } from '#http';
import type { Clock } from '#time';
import type { HttpClient } from '../http-client.ts';
import type { PromptTokens, TokenRequest } from '../tokens/prompt-tokens.ts';

const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** Events come within a step of the engine; one that publishes is not this late. */
const EVENT_WAITS_MS = [50, 200, 750, 2000] as const;
const WORDS = 240;

/** What may silently switch affinity off; each has a cause that a person can mend. */
export const AFFINITY_FAULTS = {
  'kv-no-events': 'the engine publishes no KV events, or not at this address: see --kv-events-config and the port',
  'tokens-estimated': 'the tokens of a prompt are only estimated, so no block can be found: give a tokenizer, or let the engine answer /tokenize',
  'tokenizer-mismatch': 'our tokens are not those of the engine: the tokenizer or its chat template is that of another model',
  'kv-block-size-mismatch': 'the blocks of the events are not those of the metrics: events of another engine, or of another group of caches',
  'kv-overlap-zero': 'the engine finds a prefix that the index does not: its events carry other keys (a salt, an adapter) than the requests',
  'prefix-caching-off': 'the engine found nothing of a prompt that it had just computed: its prefix cache is off or far too small',
  'cached-tokens-unreported': 'the engine does not say how many prompt tokens it had cached: see --enable-prompt-tokens-details',
  'metrics-stale': 'its metrics are old or can not be read, so its load is guessed',
} as const;
export type AffinityFault = keyof typeof AFFINITY_FAULTS;

/** What a canary pair has shown of one endpoint. */
export interface CanaryResult {
  readonly endpoint: string;
  readonly faults: readonly AffinityFault[];
  readonly promptTokens: number;
  /** Prompt tokens that the index expected of the second request; undefined where it could not tell. */
  readonly expectedTokens: number | undefined;
  /** Those that the engine had; undefined where it does not say. */
  readonly realisedTokens: number | undefined;
}

export interface CanaryDeps {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly tokensOf: (request: TokenRequest) => Promise<PromptTokens>;
  readonly cachedTokens: (endpoint: string, tokens: PromptTokens) => number | undefined;
  /** Tokens per block as the events say, 0 where none have come; and as the metrics say. */
  readonly blockSizes: (endpoint: string) => { readonly events: number; readonly metrics: number | undefined };
  readonly isStale: (endpoint: string) => boolean;
  readonly signal: AbortSignal;
}

const replySchema = z.looseObject({
  usage: z.looseObject({
    prompt_tokens: z.number(),
    prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish(),
  }),
});

/**
 * Sends one endpoint the same new prompt twice and compares what the index expects of the second with what the engine says. Throws
 * `upstream_*` when the endpoint does not answer: that is no fault of affinity.
 */
export async function sendCanary(
  target: { readonly endpoint: string; readonly url: string; readonly servedName: string },
  deps: CanaryDeps,
): Promise<CanaryResult> {
  const text = Array.from({ length: WORDS }, () => Math.floor(deps.random() * 1e9).toString(36)).join(' ');
  const body = { model: target.servedName, messages: [{ role: 'user', content: `Reply with one word. ${text}` }], max_tokens: 1, temperature: 0 };
  const request: TokenRequest = { operation: 'chat', promptBytes: text.length, value: () => body };
  const ask = async (): Promise<z.infer<typeof replySchema>['usage']> => {
    const reply = await deps.client.ask({ url: `${target.url}/v1/chat/completions`, body, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal: deps.signal });
    const read = replySchema.safeParse(parseJson(reply));
    if (!read.success) throw new PlatformError('upstream_garbage', { message: `${target.url} answers a canary without usage` });
    return read.data.usage;
  };

  await ask();
  const tokens = await deps.tokensOf(request);
  const expectedTokens = await expectation(target.endpoint, tokens, deps);
  const usage = await ask();
  const realisedTokens = usage.prompt_tokens_details?.cached_tokens ?? undefined;
  const faults = judge(target.endpoint, { tokens, expectedTokens, realisedTokens, promptTokens: usage.prompt_tokens }, deps);
  return { endpoint: target.endpoint, faults, promptTokens: usage.prompt_tokens, expectedTokens, realisedTokens };
}

/** What the index knows of the prompt once the events had time to come. */
async function expectation(endpoint: string, tokens: PromptTokens, deps: CanaryDeps): Promise<number | undefined> {
  let expected = deps.cachedTokens(endpoint, tokens);
  for (const waitMs of EVENT_WAITS_MS) {
    if ((expected ?? 0) > 0 || tokens.ids === undefined) break;
    await deps.clock.sleep(waitMs, deps.signal);
    expected = deps.cachedTokens(endpoint, tokens);
  }
  return expected;
}

interface Findings {
  readonly tokens: PromptTokens;
  readonly expectedTokens: number | undefined;
  readonly realisedTokens: number | undefined;
  readonly promptTokens: number;
}

function judge(endpoint: string, { tokens, expectedTokens, realisedTokens, promptTokens }: Findings, deps: CanaryDeps): readonly AffinityFault[] {
  const { events, metrics } = deps.blockSizes(endpoint);
  const faults: AffinityFault[] = [];
  if (deps.isStale(endpoint)) faults.push('metrics-stale');
  if (realisedTokens === undefined) faults.push('cached-tokens-unreported');
  else if (realisedTokens === 0) faults.push('prefix-caching-off');
  if (tokens.ids === undefined) faults.push('tokens-estimated');
  else if (tokens.count !== promptTokens) faults.push('tokenizer-mismatch');
  if (events === 0) faults.push('kv-no-events');
  else if (metrics !== undefined && metrics !== events) faults.push('kv-block-size-mismatch');
  // Only where nothing else explains that the index knows nothing.
  if (faults.length === 0 && (expectedTokens ?? 0) === 0) faults.push('kv-overlap-zero');
  return faults;
}
