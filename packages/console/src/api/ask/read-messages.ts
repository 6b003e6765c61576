import { type Usage, ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';
import type { AskEvent } from './ask.ts';

const usageSchema = z.object({
  input_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
});
const blockSchema = z.object({ type: z.string(), text: z.string().nullish(), name: z.string().nullish(), input: z.unknown().optional() });
const eventSchema = z.object({
  type: z.string(),
  content_block: blockSchema.nullish(),
  delta: z.object({ type: z.string().nullish(), text: z.string().nullish(), partial_json: z.string().nullish() }).nullish(),
  message: z.object({ usage: usageSchema.nullish() }).nullish(),
  content: z.array(blockSchema).nullish(),
  usage: usageSchema.nullish(),
});

const toUsage = (usage: z.infer<typeof usageSchema>): Usage => ({
  ...ZERO_USAGE,
  inputTokens: usage.input_tokens ?? 0,
  cacheReadTokens: usage.cache_read_input_tokens ?? 0,
  cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
  outputTokens: usage.output_tokens ?? 0,
});

/** Reads the events of one stream, or a whole answer, of Anthropic's messages; the last usage is added to the first. */
export function createMessagesReader(): (value: unknown) => readonly AskEvent[] {
  let begun: z.infer<typeof usageSchema> = {};
  return (value) => {
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) return [];
    const { type, content_block: block, delta, message, content, usage } = parsed.data;
    if (type === 'message') return [...(content ?? []).flatMap(wholeBlock), ...(usage ? [{ type: 'usage' as const, usage: toUsage(usage) }] : [])];
    if (message?.usage) begun = message.usage;
    if (type === 'content_block_start' && block?.type === 'tool_use') return [{ type: 'call-start', name: block.name ?? '' }];
    if (delta?.text) return [{ type: 'text', text: delta.text }];
    if (delta?.partial_json) return [{ type: 'call-delta', text: delta.partial_json }];
    if (type === 'message_delta' && usage) return [{ type: 'usage', usage: toUsage({ ...begun, ...present(usage) }) }];
    return [];
  };
}

/** A field that says nothing must not hide what the beginning has said. */
const present = (usage: z.infer<typeof usageSchema>) => Object.fromEntries(Object.entries(usage).filter(([, tokens]) => typeof tokens === 'number'));

function wholeBlock({ type, text, name, input }: z.infer<typeof blockSchema>): readonly AskEvent[] {
  if (type === 'tool_use')
    return [
      { type: 'call-start', name: name ?? '' },
      { type: 'call-delta', text: JSON.stringify(input) },
    ];
  return text ? [{ type: 'text', text }] : [];
}
