import { type Usage, ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';
import type { AskEvent } from './ask.ts';

const usageSchema = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  input_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  output_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
});
const itemSchema = z.object({
  type: z.string(),
  name: z.string().nullish(),
  arguments: z.string().nullish(),
  content: z.array(z.object({ text: z.string().nullish() })).nullish(),
});
const responseSchema = z.object({ output: z.array(itemSchema).nullish(), usage: usageSchema.nullish() });
const eventSchema = z.object({ type: z.string(), delta: z.string().nullish(), item: itemSchema.nullish(), response: responseSchema.nullish() });

function toUsage(usage: z.infer<typeof usageSchema>): Usage {
  const cached = usage.input_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.output_tokens_details?.reasoning_tokens ?? 0;
  return {
    ...ZERO_USAGE,
    inputTokens: Math.max(0, usage.input_tokens - cached),
    cacheReadTokens: cached,
    outputTokens: Math.max(0, usage.output_tokens - reasoning),
    reasoningTokens: reasoning,
  };
}

const usageEvent = (usage: z.infer<typeof usageSchema> | null | undefined): readonly AskEvent[] => (usage ? [{ type: 'usage', usage: toUsage(usage) }] : []);

/** Events of one event of a stream, or of a whole answer, of OpenAI's responses. */
export function readResponses(value: unknown): readonly AskEvent[] {
  const event = eventSchema.safeParse(value);
  if (event.success) {
    const { type, delta, item, response } = event.data;
    if (type === 'response.output_text.delta' && delta) return [{ type: 'text', text: delta }];
    if (type === 'response.function_call_arguments.delta' && delta) return [{ type: 'call-delta', text: delta }];
    if (type === 'response.output_item.added' && item?.type === 'function_call') return [{ type: 'call-start', name: item.name ?? '' }];
    return type === 'response.completed' || type === 'response.incomplete' ? usageEvent(response?.usage) : [];
  }
  const whole = responseSchema.safeParse(value);
  if (!whole.success) return [];
  return [...(whole.data.output ?? []).flatMap(wholeItem), ...usageEvent(whole.data.usage)];
}

function wholeItem(item: z.infer<typeof itemSchema>): readonly AskEvent[] {
  if (item.type === 'function_call')
    return [
      { type: 'call-start', name: item.name ?? '' },
      { type: 'call-delta', text: item.arguments ?? '' },
    ];
  const text = item.type === 'message' ? (item.content ?? []).map((part) => part.text ?? '').join('') : '';
  return text === '' ? [] : [{ type: 'text', text }];
}
