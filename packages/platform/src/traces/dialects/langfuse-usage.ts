import { type Usage, usdToNano } from '@maru/api/records';
import { disjointUsage, partitionUsage } from './partition-usage.ts';
import { numberOf } from './reading.ts';

type Details = Readonly<Record<string, unknown>>;

const nested = (details: Details, key: string): Details => {
  const value = details[key];
  return typeof value === 'object' && value !== null ? (value as Details) : {};
};

/** Usage in one of the forms that Langfuse SDKs send: its own buckets, those of OpenAI, or those of Anthropic. */
export function usageFromDetails(details: Details): Usage | undefined {
  if ('prompt_tokens' in details || 'promptTokens' in details || 'input_tokens_details' in details || 'output_tokens_details' in details)
    return fromOpenAi(details);
  if ('input_tokens' in details || 'output_tokens' in details) return fromAnthropic(details);
  return fromBuckets(details);
}

function fromOpenAi(details: Details): Usage | undefined {
  const prompt = { ...nested(details, 'prompt_tokens_details'), ...nested(details, 'input_tokens_details') };
  const completion = { ...nested(details, 'completion_tokens_details'), ...nested(details, 'output_tokens_details') };
  return partitionUsage({
    input: numberOf(details, 'prompt_tokens', 'promptTokens', 'input_tokens'),
    output: numberOf(details, 'completion_tokens', 'completionTokens', 'output_tokens'),
    cacheRead: numberOf(prompt, 'cached_tokens'),
    reasoning: numberOf(completion, 'reasoning_tokens'),
  });
}

const fromAnthropic = (details: Details): Usage | undefined =>
  disjointUsage({
    input: numberOf(details, 'input_tokens'),
    output: numberOf(details, 'output_tokens'),
    cacheRead: numberOf(details, 'cache_read_input_tokens'),
    cacheWrite: numberOf(details, 'cache_creation_input_tokens'),
  });

const CACHE_READ = new Set(['input_cached_tokens', 'input_cache_read', 'cache_read_input_tokens', 'input_cached', 'cached_tokens']);
const isCacheWrite = (key: string): boolean => key.startsWith('input_cache_creation') || key === 'cache_creation_input_tokens' || key === 'input_cache_write';

/** Langfuse's own buckets are disjoint; every further `input…` or `output…` bucket counts on its side. */
function fromBuckets(details: Details): Usage | undefined {
  const sums: Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning', number | undefined> = {
    input: undefined,
    output: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
    reasoning: undefined,
  };
  for (const key of Object.keys(details)) {
    const count = numberOf(details, key);
    const bucket = bucketOf(key);
    if (count !== undefined && bucket !== undefined) sums[bucket] = (sums[bucket] ?? 0) + count;
  }
  return disjointUsage(sums);
}

function bucketOf(key: string): 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning' | undefined {
  if (CACHE_READ.has(key)) return 'cacheRead';
  if (isCacheWrite(key)) return 'cacheWrite';
  if (key.startsWith('output_reasoning')) return 'reasoning';
  if (key.endsWith('Cost')) return undefined;
  if (key.startsWith('input')) return 'input';
  return key.startsWith('output') ? 'output' : undefined;
}

/** Dollars per bucket as nano-dollars; a given total wins over the sum. */
export function costFromDetails(details: Details): number | undefined {
  const total = numberOf(details, 'total', 'totalCost');
  if (total !== undefined) return usdToNano(total);
  const parts = Object.keys(details).flatMap((key) => numberOf(details, key) ?? []);
  return parts.length === 0 ? undefined : usdToNano(parts.reduce((sum, part) => sum + part, 0));
}
