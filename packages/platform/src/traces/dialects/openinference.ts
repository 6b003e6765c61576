import { type SpanKind, usdToNano } from '@maru/api/records';
import { partitionUsage } from './partition-usage.ts';
import { type Attributes, contentOf, listOf, numberOf, type Reading, textOf } from './reading.ts';

const KINDS: Readonly<Record<string, SpanKind>> = {
  LLM: 'engine',
  EMBEDDING: 'embedding',
  AGENT: 'agent',
  TOOL: 'tool',
  CHAIN: 'step',
  PROMPT: 'step',
  GUARDRAIL: 'step',
  RETRIEVER: 'retrieval',
  RERANKER: 'retrieval',
  EVALUATOR: 'evaluation',
};

/** OpenInference, the convention of Arize Phoenix and its instrumentations. */
export function readOpenInference(attributes: Attributes): Reading {
  const kind = textOf(attributes, 'openinference.span.kind');
  const cost = numberOf(attributes, 'llm.cost.total');
  return {
    kind: kind === undefined ? undefined : (KINDS[kind.toUpperCase()] ?? 'other'),
    model: textOf(attributes, 'llm.model_name', 'embedding.model_name', 'reranker.model_name'),
    usage: partitionUsage({
      input: numberOf(attributes, 'llm.token_count.prompt'),
      output: numberOf(attributes, 'llm.token_count.completion'),
      cacheRead: numberOf(attributes, 'llm.token_count.prompt_details.cache_read'),
      cacheWrite: numberOf(attributes, 'llm.token_count.prompt_details.cache_write'),
      reasoning: numberOf(attributes, 'llm.token_count.completion_details.reasoning'),
    }),
    costNanoUsd: cost === undefined ? undefined : usdToNano(cost),
    session: textOf(attributes, 'session.id'),
    user: textOf(attributes, 'user.id'),
    input: listOf(attributes, 'llm.input_messages') ?? contentOf(attributes, 'input.value', 'tool.parameters'),
    output: listOf(attributes, 'llm.output_messages') ?? listOf(attributes, 'retrieval.documents') ?? contentOf(attributes, 'output.value'),
  };
}
