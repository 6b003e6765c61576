import type { SpanKind } from '@maru/api/records';
import { partitionUsage } from './partition-usage.ts';
import { type Attributes, contentOf, listOf, numberOf, type Reading, textOf } from './reading.ts';

const KINDS: Readonly<Record<string, SpanKind>> = {
  chat: 'engine',
  completion: 'engine',
  text_completion: 'engine',
  generate_content: 'engine',
  embeddings: 'embedding',
  retrieval: 'retrieval',
  search_memory: 'retrieval',
  create_agent: 'agent',
  invoke_agent: 'agent',
  invoke_workflow: 'step',
  plan: 'step',
  execute_tool: 'tool',
};

/** The GenAI conventions of OpenTelemetry, in their present and earlier names, and the indexed prompts of OpenLLMetry. */
export function readGenAi(attributes: Attributes): Reading {
  const firstChunkS = numberOf(attributes, 'gen_ai.response.time_to_first_chunk', 'gen_ai.server.time_to_first_token');
  const model = textOf(attributes, 'gen_ai.response.model', 'gen_ai.request.model');
  return {
    kind: kindOf(attributes, model),
    model,
    usage: partitionUsage({
      input: numberOf(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'),
      output: numberOf(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'),
      cacheRead: numberOf(attributes, ...CACHE_READ),
      cacheWrite: numberOf(
        attributes,
        'gen_ai.usage.cache_creation.input_tokens',
        'gen_ai.usage.cache_creation_input_tokens',
        'gen_ai.usage.cache_write_tokens',
      ),
      reasoning: numberOf(attributes, 'gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens', 'gen_ai.usage.details.reasoning_tokens'),
    }),
    session: textOf(attributes, 'gen_ai.conversation.id', 'session.id'),
    user: textOf(attributes, 'user.id', 'enduser.id'),
    ttftMs: firstChunkS === undefined ? undefined : firstChunkS * 1000,
    status: textOf(attributes, 'error.type') === undefined ? undefined : 'error',
    input:
      contentOf(attributes, 'gen_ai.input.messages', 'gen_ai.tool.call.arguments', 'gen_ai.retrieval.query.text') ??
      listOf(attributes, 'gen_ai.prompt') ??
      contentOf(attributes, 'gen_ai.prompt', 'traceloop.entity.input', 'mcp.request.argument'),
    output:
      contentOf(attributes, 'gen_ai.output.messages', 'gen_ai.tool.call.result', 'gen_ai.retrieval.documents') ??
      listOf(attributes, 'gen_ai.completion') ??
      contentOf(attributes, 'gen_ai.completion', 'traceloop.entity.output'),
  };
}

const CACHE_READ = [
  'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.cache_read_input_tokens',
  'gen_ai.usage.cached_input_tokens',
  'gen_ai.usage.input_tokens.cached',
  'gen_ai.usage.details.cache_read_tokens',
  'gen_ai.usage.details.cached_tokens',
] as const;

function kindOf(attributes: Attributes, model: string | undefined): SpanKind | undefined {
  const operation = textOf(attributes, 'gen_ai.operation.name');
  if (operation !== undefined) return KINDS[operation] ?? 'step';
  const loop = textOf(attributes, 'traceloop.span.kind');
  if (loop !== undefined) return loop === 'agent' || loop === 'tool' ? loop : 'step';
  if (textOf(attributes, 'mcp.method.name') === 'tools/call') return 'tool';
  return model === undefined ? undefined : 'engine';
}
