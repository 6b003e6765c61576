import { type Usage, ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';
import { type AskEvent, sourceSchema } from './ask.ts';

const usageSchema = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
});
const pieceSchema = z.object({
  content: z.string().nullish(),
  sources: z.array(sourceSchema).nullish(),
  tool_calls: z.array(z.object({ function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish() })).nullish(),
});
const chunkSchema = z.object({
  choices: z.array(z.object({ delta: pieceSchema.nullish(), message: pieceSchema.nullish() })).default([]),
  usage: usageSchema.nullish(),
});

function toUsage(usage: z.infer<typeof usageSchema>): Usage {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    ...ZERO_USAGE,
    inputTokens: Math.max(0, usage.prompt_tokens - cached),
    cacheReadTokens: cached,
    outputTokens: Math.max(0, usage.completion_tokens - reasoning),
    reasoningTokens: reasoning,
  };
}

/** Events of a chunk, or of a whole answer, of OpenAI's chat. */
export function readChat(value: unknown): readonly AskEvent[] {
  const parsed = chunkSchema.safeParse(value);
  if (!parsed.success) return [];
  const events: AskEvent[] = [];
  const [choice] = parsed.data.choices;
  const piece = choice?.delta ?? choice?.message;
  if (piece?.content) events.push({ type: 'text', text: piece.content });
  for (const { function: call } of piece?.tool_calls ?? []) {
    if (call?.name) events.push({ type: 'call-start', name: call.name });
    if (call?.arguments) events.push({ type: 'call-delta', text: call.arguments });
  }
  if (piece?.sources) events.push({ type: 'sources', sources: piece.sources });
  if (parsed.data.usage) events.push({ type: 'usage', usage: toUsage(parsed.data.usage) });
  return events;
}
