import { toEffort } from '../canonical/reasoning-budget.ts';
import type { CanonicalRequest, OutputFormat } from '../canonical/request.ts';
import { DropList } from '../drop-list.ts';
import type { EncodedRequest } from '../format.ts';
import { compact, type JsonObject } from '../json-value.ts';
import { encodeChatTools } from './chat-tools.ts';
import { encodeChatMessages } from './encode-chat-messages.ts';

/** Body of `POST /v1/chat/completions`. */
export function encodeChatRequest(request: CanonicalRequest): EncodedRequest {
  const drops = new DropList('openai-chat');
  drops.fields(request, ['cache']);
  const body = compact({
    model: request.model,
    messages: encodeChatMessages(request.messages, drops),
    ...encodeChatTools(request, drops),
    response_format: request.output === undefined ? undefined : encodeOutput(request.output),
    stop: request.stop,
    seed: request.seed,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs,
    top_logprobs: request.topLogprobs,
    n: request.choices,
    max_completion_tokens: request.maxTokens,
    reasoning_effort: encodeEffort(request, drops),
    verbosity: request.verbosity,
    prompt_cache_key: request.cacheKey,
    user: request.user,
    metadata: request.metadata,
    service_tier: request.serviceTier,
    stream: request.stream ? true : undefined,
    // The gateway counts by it, whether the client asked or not.
    stream_options: request.stream ? { include_usage: true } : undefined,
    ...drops.extra(request),
  });
  return { body, dropped: drops.items };
}

function encodeOutput(output: OutputFormat): JsonObject {
  if (output.type === 'text') return { type: 'text' };
  if (output.type === 'json') return { type: 'json_object' };
  const { name, schema, description, strict } = output;
  return { type: 'json_schema', json_schema: compact({ name, description, schema, strict }) };
}

function encodeEffort(request: CanonicalRequest, drops: DropList): string | undefined {
  if (request.reasoning?.summary !== undefined && request.reasoning.summary !== 'none') {
    drops.hint('reasoning.summary', 'the chat API has no setting for how reasoning is shown');
  }
  return request.reasoning === undefined ? undefined : toEffort(request.reasoning);
}
