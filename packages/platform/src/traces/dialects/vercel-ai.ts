import type { SpanKind } from '@maru/api/records';
import { partitionUsage } from './partition-usage.ts';
import { type Attributes, contentOf, numberOf, type Reading, textOf } from './reading.ts';

/** The telemetry of the Vercel AI SDK, versions 4 to 7. */
export function readVercelAi(attributes: Attributes): Reading {
  const operation = textOf(attributes, 'ai.operationId');
  if (operation === undefined) return {};
  const firstChunkMs = numberOf(attributes, 'ai.response.msToFirstChunk');
  return {
    kind: kindOf(operation),
    model: textOf(attributes, 'ai.response.model', 'ai.model.id'),
    usage: partitionUsage({
      input: numberOf(attributes, 'ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens'),
      output: numberOf(attributes, 'ai.usage.outputTokens', 'ai.usage.completionTokens'),
      cacheRead: numberOf(attributes, 'ai.usage.cachedInputTokens', 'ai.usage.inputTokenDetails.cacheReadTokens'),
      cacheWrite: numberOf(attributes, 'ai.usage.inputTokenDetails.cacheWriteTokens'),
      reasoning: numberOf(attributes, 'ai.usage.reasoningTokens', 'ai.usage.outputTokenDetails.reasoningTokens'),
    }),
    session: textOf(attributes, 'ai.telemetry.metadata.sessionId'),
    user: textOf(attributes, 'ai.telemetry.metadata.userId'),
    ttftMs: firstChunkMs,
    input: contentOf(attributes, 'ai.prompt.messages', 'ai.prompt', 'ai.toolCall.args', 'ai.value', 'ai.values'),
    output: contentOf(attributes, 'ai.response.text', 'ai.response.toolCalls', 'ai.response.object', 'ai.toolCall.result'),
  };
}

function kindOf(operation: string): SpanKind {
  if (operation === 'ai.toolCall') return 'tool';
  if (operation.startsWith('ai.embed')) return operation.includes('.doEmbed') ? 'embedding' : 'step';
  return /\.do(Generate|Stream)$/.test(operation) ? 'engine' : 'step';
}
