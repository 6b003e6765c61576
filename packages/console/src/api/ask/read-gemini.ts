import { ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';
import type { AskEvent } from './ask.ts';

const answerSchema = z.object({
  candidates: z
    .array(
      z.object({
        content: z
          .object({
            parts: z
              .array(
                z.object({
                  text: z.string().nullish(),
                  thought: z.boolean().nullish(),
                  functionCall: z.object({ name: z.string(), args: z.unknown().optional() }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .default([]),
  usageMetadata: z
    .object({
      promptTokenCount: z.number().nullish(),
      cachedContentTokenCount: z.number().nullish(),
      candidatesTokenCount: z.number().nullish(),
      thoughtsTokenCount: z.number().nullish(),
    })
    .nullish(),
});

/** Events of one answer of Gemini: a piece of a stream has the same form as a whole one. */
export function readGemini(value: unknown): readonly AskEvent[] {
  const parsed = answerSchema.safeParse(value);
  if (!parsed.success) return [];
  const { candidates, usageMetadata: usage } = parsed.data;
  const events: AskEvent[] = (candidates[0]?.content?.parts ?? []).flatMap(({ text, thought, functionCall }): AskEvent[] => {
    if (functionCall)
      return [
        { type: 'call-start', name: functionCall.name },
        { type: 'call-delta', text: JSON.stringify(functionCall.args ?? {}) },
      ];
    return text && thought !== true ? [{ type: 'text', text }] : [];
  });
  if (!usage) return events;
  const cached = usage.cachedContentTokenCount ?? 0;
  const tokens = {
    ...ZERO_USAGE,
    inputTokens: Math.max(0, (usage.promptTokenCount ?? 0) - cached),
    cacheReadTokens: cached,
    outputTokens: usage.candidatesTokenCount ?? 0,
    reasoningTokens: usage.thoughtsTokenCount ?? 0,
  };
  return [...events, { type: 'usage', usage: tokens }];
}
