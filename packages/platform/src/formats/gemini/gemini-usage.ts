import { completionTokens, promptTokens, type Usage } from '@maru/api/records';
import { asCount, asList, asObject, isObject, type JsonObject } from '../json-value.ts';
import { camelObject } from './camel-keys.ts';

/**
 * `usageMetadata` in disjoint buckets. The prompt contains what was cached, thoughts stand beside the answer, and what Google's own tools put
 * into the prompt stands beside both. Undefined when there are no counts.
 */
export function readGeminiUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const report = camelObject(value);
  if (typeof report['promptTokenCount'] !== 'number' && typeof report['candidatesTokenCount'] !== 'number' && typeof report['totalTokenCount'] !== 'number') {
    return undefined;
  }
  const prompt = asCount(report['promptTokenCount']);
  const cacheReadTokens = Math.min(prompt, asCount(report['cachedContentTokenCount']));
  const heard = Math.max(0, ofModality(report['promptTokensDetails'], 'AUDIO') - ofModality(report['cacheTokensDetails'], 'AUDIO'));
  const audioInputTokens = Math.min(prompt - cacheReadTokens, heard);
  const candidates = asCount(report['candidatesTokenCount'] ?? report['responseTokenCount']);
  const imageOutputTokens = Math.min(candidates, ofModality(report['candidatesTokensDetails'], 'IMAGE'));
  const audioOutputTokens = Math.min(candidates - imageOutputTokens, ofModality(report['candidatesTokensDetails'], 'AUDIO'));
  return {
    inputTokens: prompt - cacheReadTokens - audioInputTokens + asCount(report['toolUsePromptTokenCount']),
    cacheReadTokens,
    cacheWriteTokens: 0,
    outputTokens: candidates - imageOutputTokens - audioOutputTokens,
    reasoningTokens: asCount(report['thoughtsTokenCount']),
    ...(audioInputTokens > 0 ? { audioInputTokens } : {}),
    ...(audioOutputTokens > 0 ? { audioOutputTokens } : {}),
    ...(imageOutputTokens > 0 ? { imageOutputTokens } : {}),
  };
}

function ofModality(details: unknown, modality: string): number {
  return asList(details).reduce<number>((sum, entry) => {
    const detail = camelObject(asObject(entry));
    return detail['modality'] === modality ? sum + asCount(detail['tokenCount']) : sum;
  }, 0);
}

/** `usageMetadata` as clients of Gemini read it. */
export function toGeminiUsage(usage: Usage): JsonObject {
  const { cacheReadTokens, reasoningTokens, audioInputTokens = 0, audioOutputTokens = 0, imageOutputTokens = 0 } = usage;
  const prompt = promptTokens(usage);
  const details = (entries: readonly (readonly [string, number])[]): readonly JsonObject[] =>
    entries.filter(([, tokenCount]) => tokenCount > 0).map(([modality, tokenCount]) => ({ modality, tokenCount }));
  const candidates = completionTokens(usage) - reasoningTokens;
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + completionTokens(usage),
    ...(cacheReadTokens > 0 ? { cachedContentTokenCount: cacheReadTokens } : {}),
    ...(reasoningTokens > 0 ? { thoughtsTokenCount: reasoningTokens } : {}),
    ...(audioInputTokens > 0
      ? {
          promptTokensDetails: details([
            ['TEXT', prompt - audioInputTokens],
            ['AUDIO', audioInputTokens],
          ]),
        }
      : {}),
    ...(audioOutputTokens + imageOutputTokens > 0
      ? {
          candidatesTokensDetails: details([
            ['TEXT', usage.outputTokens],
            ['AUDIO', audioOutputTokens],
            ['IMAGE', imageOutputTokens],
          ]),
        }
      : {}),
  };
}
