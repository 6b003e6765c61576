import type { Usage } from '@maru/api/records';
import { fromWireUsage, type WireUsage } from '@maru/api/wire';

/** The usage in an engine's report; undefined when it is absent or makes no sense. Checked by hand, because it is read on every request. */
export function readUsage(report: unknown): Usage | undefined {
  if (!isObject(report)) return undefined;
  const prompt = isObject(report['prompt_tokens_details']) ? report['prompt_tokens_details'] : {};
  const completion = isObject(report['completion_tokens_details']) ? report['completion_tokens_details'] : {};
  const wire: WireUsage = {
    prompt_tokens: count(report['prompt_tokens']),
    completion_tokens: count(report['completion_tokens']),
    prompt_tokens_details: {
      cached_tokens: count(prompt['cached_tokens'] ?? report['cached_tokens']),
      cache_creation_tokens: count(prompt['cache_creation_tokens']),
    },
    completion_tokens_details: { reasoning_tokens: count(completion['reasoning_tokens']) },
    prompt_cache_hit_tokens: count(report['prompt_cache_hit_tokens']),
  };
  return fromWireUsage(wire);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const count = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null);
