import type { CanonicalRequest, RequestField } from '../canonical/request.ts';
import { DropList } from '../drop-list.ts';
import type { EncodedRequest } from '../format.ts';
import { asObject, compact, type JsonObject } from '../json-value.ts';
import { toCacheControl } from '../read-cache.ts';
import { encodeThinking } from './anthropic-thinking.ts';
import { encodeAnthropicTools } from './anthropic-tools.ts';
import { closeObjects } from './close-objects.ts';
import { encodeAnthropicMessages } from './encode-anthropic-messages.ts';

/** Anthropic has no default of its own. */
const DEFAULT_MAX_TOKENS = 4096;
const UNKNOWN: readonly RequestField[] = [
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'logprobs',
  'topLogprobs',
  'choices',
  'verbosity',
  'cacheKey',
  'metadata',
];
const TIERS: readonly string[] = ['auto', 'standard_only'];

/** Body of `POST /v1/messages`. */
export function encodeAnthropicRequest(request: CanonicalRequest): EncodedRequest {
  const drops = new DropList('anthropic-messages');
  drops.fields(request, UNKNOWN);
  const { system, turns } = encodeAnthropicMessages(request.messages, drops);
  const thinking = encodeThinking(request, drops);
  const { output_config: moreConfig, ...extra } = drops.extra(request);
  const config = { ...asObject(moreConfig), ...(thinking.effort === undefined ? {} : { effort: thinking.effort }), ...encodeOutput(request) };
  const body = compact({
    model: request.model,
    max_tokens: request.maxTokens ?? DEFAULT_MAX_TOKENS + thinking.reservedTokens,
    system: withJsonRequest(system, request, drops),
    messages: turns,
    ...encodeAnthropicTools(request, drops),
    ...encodeSampling(request, thinking.active, drops),
    thinking: thinking.thinking,
    output_config: Object.keys(config).length === 0 ? undefined : config,
    metadata: request.user === undefined ? undefined : { user_id: request.user },
    service_tier: encodeTier(request.serviceTier, drops),
    stream: request.stream ? true : undefined,
    ...toCacheControl(request.cache),
    ...extra,
  });
  return { body, dropped: drops.items };
}

/** Anthropic has no mode for JSON without a schema, so it is asked for in words. */
function withJsonRequest(system: readonly JsonObject[], request: CanonicalRequest, drops: DropList): readonly JsonObject[] | undefined {
  if (request.output?.type !== 'json') return system.length === 0 ? undefined : system;
  drops.hint('output', 'models of Anthropic are asked for JSON in words; give a schema to have it enforced');
  return [...system, { type: 'text', text: 'Answer with one JSON object and nothing else: no text around it and no code fence.' }];
}

function encodeOutput(request: CanonicalRequest): JsonObject {
  if (request.output?.type !== 'json-schema') return {};
  const { schema, description } = request.output;
  const described = description === undefined || 'description' in schema ? schema : { ...schema, description };
  return { format: { type: 'json_schema', schema: closeObjects(described) } };
}

function encodeSampling(request: CanonicalRequest, thinks: boolean, drops: DropList): JsonObject {
  const { temperature, topP, topK, stop } = request;
  const out: Record<string, unknown> = {};
  if (temperature !== undefined && thinks && temperature !== 1) drops.meaning('temperature', 'models of Anthropic take no temperature while they reason');
  else if (temperature !== undefined) {
    if (temperature > 1) drops.hint('temperature', 'the highest temperature of Anthropic is 1, which is used');
    out['temperature'] = Math.min(1, Math.max(0, temperature));
  }
  if (topP !== undefined) out['top_p'] = topP;
  if (topK !== undefined && thinks) drops.meaning('topK', 'models of Anthropic take no top-k while they reason');
  else if (topK !== undefined) out['top_k'] = topK;
  const visible = stop?.filter((text) => text.trim() !== '');
  if (stop !== undefined && visible?.length !== stop.length) drops.meaning('stop', 'Anthropic takes no stop text of white space alone');
  if (visible !== undefined && visible.length > 0) out['stop_sequences'] = visible;
  return out;
}

function encodeTier(tier: string | undefined, drops: DropList): string | undefined {
  if (tier === undefined || TIERS.includes(tier)) return tier;
  if (tier !== 'default') drops.hint('serviceTier', 'Anthropic knows the tiers "auto" and "standard_only"');
  return tier === 'default' ? 'standard_only' : undefined;
}
