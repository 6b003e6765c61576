import type { Usage } from '@maru/api/records';
import { DropList } from '../drop-list.ts';
import type { AnswerContext } from '../format.ts';
import type { JsonObject } from '../json-value.ts';
import { encodeReasoning, encodeText } from './encode-responses-request.ts';
import { encodeResponsesTools } from './responses-tools.ts';
import { toResponsesUsage } from './responses-usage.ts';

export interface ResponseState {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly model: string;
  readonly createdS: number | undefined;
  readonly output: readonly JsonObject[];
  readonly usage: Usage | undefined;
  /** `max_output_tokens` or `content_filter`. */
  readonly incompleteReason?: string | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly serviceTier?: string | undefined;
}

/** The response object: what was asked for is echoed in it, as clients of the API expect. */
export function toResponseObject(state: ResponseState, context: AnswerContext): JsonObject {
  const { request, id, createdS } = context;
  const extra = request.extra?.format === 'openai-responses' ? request.extra.fields : {};
  // The client's own tools are echoed; what its own format can not say was never in its request.
  const tools = encodeResponsesTools(request, new DropList('openai-responses'));
  const reasoning = encodeReasoning(request);
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: state.createdS ?? createdS,
    status: state.status,
    background: extra['background'] === true,
    error: state.error ?? null,
    incomplete_details: state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
    instructions: readInstructions(context),
    max_output_tokens: request.maxTokens ?? null,
    model: state.model === '' ? request.model : state.model,
    output: state.output,
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: extra['previous_response_id'] ?? null,
    prompt_cache_key: request.cacheKey ?? null,
    reasoning: { effort: null, summary: null, ...reasoning },
    service_tier: state.serviceTier ?? request.serviceTier ?? 'default',
    store: extra['store'] !== false,
    temperature: request.temperature ?? 1,
    text: encodeText(request) ?? { format: { type: 'text' } },
    tool_choice: tools['tool_choice'] ?? extra['tool_choice'] ?? 'auto',
    tools: tools['tools'] ?? [],
    top_logprobs: request.topLogprobs ?? 0,
    top_p: request.topP ?? 1,
    truncation: extra['truncation'] ?? 'disabled',
    usage: state.usage === undefined ? null : toResponsesUsage(state.usage),
    user: request.user ?? null,
    metadata: request.metadata ?? {},
  };
}

function readInstructions({ request }: AnswerContext): string | null {
  const [first] = request.messages;
  const part = first?.role === 'system' ? first.content[0] : undefined;
  return part?.type === 'text' ? part.text : null;
}
