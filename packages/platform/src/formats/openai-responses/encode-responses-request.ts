import { toEffort } from '../canonical/reasoning-budget.ts';
import type { CanonicalRequest, OutputFormat, RequestField } from '../canonical/request.ts';
import { DropList } from '../drop-list.ts';
import type { EncodedRequest } from '../format.ts';
import { asList, compact, type JsonObject } from '../json-value.ts';
import { encodeResponsesInput } from './encode-responses-input.ts';
import { encodeResponsesTools } from './responses-tools.ts';

const UNKNOWN: readonly RequestField[] = ['stop', 'seed', 'topK', 'presencePenalty', 'frequencyPenalty', 'logitBias', 'choices', 'cache'];

/** Body of `POST /v1/responses`. Nothing is kept at the vendor, so reasoning comes back encrypted. */
export function encodeResponsesRequest(request: CanonicalRequest): EncodedRequest {
  const drops = new DropList('openai-responses');
  drops.fields(request, UNKNOWN);
  const { include, ...extra } = drops.extra(request);
  const included = [
    ...asList(include),
    ...(request.reasoning === undefined || request.reasoning.mode === 'off' ? [] : ['reasoning.encrypted_content']),
    ...(request.logprobs === true ? ['message.output_text.logprobs'] : []),
  ];
  const body = compact({
    model: request.model,
    ...encodeResponsesInput(request.messages, drops),
    ...encodeResponsesTools(request, drops),
    text: encodeText(request),
    reasoning: encodeReasoning(request),
    include: included.length === 0 ? undefined : included,
    temperature: request.temperature,
    top_p: request.topP,
    top_logprobs: request.topLogprobs,
    max_output_tokens: request.maxTokens,
    prompt_cache_key: request.cacheKey,
    user: request.user,
    metadata: request.metadata,
    service_tier: request.serviceTier,
    store: false,
    stream: request.stream ? true : undefined,
    ...extra,
  });
  return { body, dropped: drops.items };
}

/** `text` of a request, echoed in its answer. */
export function encodeText(request: CanonicalRequest): JsonObject | undefined {
  if (request.output === undefined && request.verbosity === undefined) return undefined;
  return compact({ format: request.output === undefined ? undefined : encodeFormat(request.output), verbosity: request.verbosity });
}

function encodeFormat(output: OutputFormat): JsonObject {
  if (output.type === 'text') return { type: 'text' };
  if (output.type === 'json') return { type: 'json_object' };
  const { name, schema, description, strict } = output;
  return compact({ type: 'json_schema', name, description, schema, strict });
}

/** `reasoning` of a request, echoed in its answer. */
export function encodeReasoning({ reasoning }: CanonicalRequest): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  // A client that switched thinking on expects to see it, and OpenAI shows it only when asked.
  const shown = reasoning.summary ?? (reasoning.mode === 'on' || reasoning.mode === 'adaptive' ? 'auto' : undefined);
  const summary = shown === 'none' ? undefined : shown;
  const settings = compact({ effort: toEffort(reasoning), summary });
  return Object.keys(settings).length === 0 ? undefined : settings;
}
