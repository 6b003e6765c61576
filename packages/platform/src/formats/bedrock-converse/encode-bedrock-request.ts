import { encodeThinking } from '../anthropic-messages/anthropic-thinking.ts';
import { closeObjects } from '../anthropic-messages/close-objects.ts';
import { toEffort } from '../canonical/reasoning-budget.ts';
import type { CanonicalRequest, OutputFormat, RequestField } from '../canonical/request.ts';
import { DropList } from '../drop-list.ts';
import type { EncodedRequest } from '../format.ts';
import { asObject, compact, type JsonObject } from '../json-value.ts';
import { toCachePoint } from './bedrock-blocks.ts';
import { encodeBedrockTools } from './bedrock-tools.ts';
import { encodeBedrockMessages } from './encode-bedrock-messages.ts';

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
  'user',
];

/** Body of Converse and ConverseStream; model and stream stand in the path. */
export function encodeBedrockRequest(request: CanonicalRequest): EncodedRequest {
  const drops = new DropList('bedrock-converse');
  drops.fields(request, UNKNOWN);
  const { system, turns } = encodeBedrockMessages(request.messages, drops);
  const { additionalModelRequestFields: given, ...extra } = drops.extra(request);
  const reasoning = encodeReasoning(request, drops);
  const additional = { ...asObject(given), ...reasoning.fields, ...encodeTopK(request, reasoning.active, drops) };
  const config = compact({
    maxTokens: request.maxTokens ?? (reasoning.active ? 4096 + reasoning.reservedTokens : undefined),
    temperature: encodeTemperature(request, reasoning.active, drops),
    topP: request.topP,
    stopSequences: request.stop,
  });
  const last = turns.at(-1);
  if (request.cache !== undefined && last !== undefined) last.content.push(toCachePoint(request.cache));
  const body = compact({
    messages: turns,
    system: system.length === 0 ? undefined : system,
    inferenceConfig: Object.keys(config).length === 0 ? undefined : config,
    ...encodeBedrockTools(request, drops),
    outputConfig: encodeOutput(request.output, drops),
    additionalModelRequestFields: Object.keys(additional).length === 0 ? undefined : additional,
    requestMetadata: request.metadata,
    serviceTier: encodeTier(request.serviceTier, drops),
    ...extra,
  });
  return { body, dropped: drops.items };
}

interface Reasoning {
  readonly fields: JsonObject;
  readonly active: boolean;
  readonly reservedTokens: number;
}

/** Reasoning is a matter of the model behind Bedrock: Claude takes the settings of Anthropic, open models an effort. */
function encodeReasoning(request: CanonicalRequest, drops: DropList): Reasoning {
  const none = { fields: {}, active: false, reservedTokens: 0 };
  const { reasoning, model } = request;
  if (reasoning === undefined) return none;
  if (/claude/.test(model)) {
    const { thinking, effort, active, reservedTokens } = encodeThinking(request, drops);
    const fields = compact({ thinking, output_config: effort === undefined ? undefined : { effort } });
    return { fields, active, reservedTokens };
  }
  const effort = toEffort(reasoning);
  if (/openai\.|gpt-oss/.test(model) && effort !== undefined) return { ...none, fields: { reasoning_effort: effort } };
  drops.hint('reasoning', 'it is not known how this model of Bedrock takes settings of reasoning; give them in additionalModelRequestFields');
  return none;
}

function encodeTopK({ topK, model }: CanonicalRequest, thinks: boolean, drops: DropList): JsonObject {
  if (topK === undefined) return {};
  if (/claude/.test(model) && !thinks) return { top_k: topK };
  if (/nova/.test(model)) return { inferenceConfig: { topK } };
  drops.meaning('topK', thinks ? 'models of Anthropic take no top-k while they reason' : 'this model of Bedrock has no top-k that is known');
  return {};
}

function encodeTemperature({ temperature, model }: CanonicalRequest, thinks: boolean, drops: DropList): number | undefined {
  if (temperature === undefined) return undefined;
  if (thinks && temperature !== 1 && /claude/.test(model)) {
    drops.meaning('temperature', 'models of Anthropic take no temperature while they reason');
    return undefined;
  }
  if (temperature > 1) drops.hint('temperature', 'the highest temperature of Bedrock is 1, which is used');
  return Math.min(1, temperature);
}

function encodeOutput(output: OutputFormat | undefined, drops: DropList): JsonObject | undefined {
  if (output === undefined || output.type === 'text') return undefined;
  if (output.type === 'json') {
    drops.meaning('output', 'Bedrock holds an answer to JSON only with a schema');
    return undefined;
  }
  const { name, schema, description } = output;
  const described = { schema: JSON.stringify(closeObjects(schema)), name, ...(description === undefined ? {} : { description }) };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema: described } } };
}

function encodeTier(tier: string | undefined, drops: DropList): JsonObject | undefined {
  if (tier === undefined || tier === 'auto') return undefined;
  if (['default', 'priority', 'flex', 'reserved'].includes(tier)) return { type: tier };
  drops.hint('serviceTier', 'Bedrock knows the tiers "default", "priority", "flex" and "reserved"');
  return undefined;
}
