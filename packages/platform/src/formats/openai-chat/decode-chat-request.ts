import { type CanonicalRequest, type OutputFormat, REASONING_EFFORTS, type ReasoningSettings } from '../canonical/request.ts';
import { Fields, invalidField } from '../fields.ts';
import type { DecodedRequest } from '../format.ts';
import { asNumber, asObject, asString, compact, type JsonObject } from '../json-value.ts';
import { readCache } from '../read-cache.ts';
import { decodeChatToolChoice, decodeChatTools, decodeFunctions } from './chat-tools.ts';
import { decodeChatMessages } from './decode-chat-messages.ts';

/** Body of `POST /v1/chat/completions`. Throws `invalid_request` naming the field. */
export function decodeChatRequest(value: unknown): DecodedRequest {
  const fields = new Fields(value, '');
  const warnings: string[] = [];
  const model = fields.requiredString('model');
  const messages = fields.list('messages');
  if (messages === undefined || messages.length === 0) throw invalidField('messages', 'must be a list of at least one message');
  const request: CanonicalRequest = {
    model,
    messages: decodeChatMessages(messages, warnings),
    ...readTools(fields),
    ...readOutput(fields),
    ...readSampling(fields),
    ...readLimits(fields),
    ...readReasoning(fields),
    ...readCache(fields),
    ...readBookkeeping(fields),
  };
  const rest = fields.rest();
  return { request: rest === undefined ? request : { ...request, extra: { format: 'openai-chat', fields: rest } }, warnings };
}

function readTools(fields: Fields): Partial<CanonicalRequest> {
  const tools = [...decodeChatTools(fields.list('tools') ?? []), ...decodeFunctions(fields.list('functions') ?? [])];
  const legacy = fields.value('function_call');
  const choice = decodeChatToolChoice(fields.value('tool_choice') ?? (typeof legacy === 'object' ? { type: 'function', function: legacy } : legacy));
  const parallel = fields.boolean('parallel_tool_calls');
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { toolChoice: choice }),
    ...(parallel === undefined ? {} : { parallelToolCalls: parallel }),
  };
}

function readOutput(fields: Fields): Partial<CanonicalRequest> {
  const format = fields.object('response_format');
  const verbosity = fields.oneOf('verbosity', ['low', 'medium', 'high']);
  return { ...(format === undefined ? {} : { output: toOutput(format) }), ...(verbosity === undefined ? {} : { verbosity }) };
}

function toOutput(format: JsonObject): OutputFormat {
  switch (format['type']) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return readJsonSchema(new Fields(format['json_schema'], 'response_format.json_schema'));
    default:
      throw invalidField('response_format.type', 'must be "text", "json_object" or "json_schema"');
  }
}

/** `{name, schema, description, strict}`, also of the Responses API. */
export function readJsonSchema(fields: Fields): OutputFormat {
  const description = fields.string('description');
  const strict = fields.boolean('strict');
  return {
    type: 'json-schema',
    name: fields.string('name') ?? 'answer',
    schema: fields.object('schema') ?? {},
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}

function readSampling(fields: Fields): Partial<CanonicalRequest> {
  const stop = fields.value('stop');
  if (stop !== undefined && typeof stop !== 'string' && !(Array.isArray(stop) && stop.every((text) => typeof text === 'string'))) {
    throw invalidField('stop', 'must be a string or a list of strings');
  }
  const topLogprobs = fields.integer('top_logprobs', 0);
  const all = {
    stop: stop === undefined ? undefined : typeof stop === 'string' ? [stop] : (stop as string[]),
    seed: fields.number('seed'),
    temperature: fields.number('temperature'),
    topP: fields.number('top_p'),
    topK: fields.number('top_k'),
    presencePenalty: fields.number('presence_penalty'),
    frequencyPenalty: fields.number('frequency_penalty'),
    logitBias: fields.object('logit_bias'),
    logprobs: fields.boolean('logprobs'),
    topLogprobs,
    choices: fields.integer('n', 1),
  };
  return compact(all);
}

function readLimits(fields: Fields): Partial<CanonicalRequest> {
  const older = fields.integer('max_tokens', 1);
  const newer = fields.integer('max_completion_tokens', 1);
  return compact({ maxTokens: newer ?? older });
}

/** `reasoning_effort` of OpenAI, `reasoning` of OpenRouter, `thinking` of servers that follow Anthropic. */
function readReasoning(fields: Fields): Partial<CanonicalRequest> {
  const other = asObject(fields.object('reasoning'));
  const thinking = fields.object('thinking');
  const effort = fields.oneOf('reasoning_effort', REASONING_EFFORTS) ?? REASONING_EFFORTS.find((name) => name === asString(other['effort']));
  const budgetTokens = asNumber(other['max_tokens']) ?? asNumber(thinking?.['budget_tokens']);
  const settings: ReasoningSettings = {
    ...(thinking === undefined ? {} : { mode: thinking['type'] === 'disabled' ? 'off' : thinking['type'] === 'adaptive' ? 'adaptive' : 'on' }),
    ...(other['enabled'] === false ? { mode: 'off' as const } : {}),
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
  };
  return Object.keys(settings).length === 0 ? {} : { reasoning: settings };
}

function readBookkeeping(fields: Fields): Partial<CanonicalRequest> & { readonly stream: boolean } {
  const options = fields.has('stream_options') ? new Fields(fields.value('stream_options'), 'stream_options') : undefined;
  const metadata = fields.object('metadata');
  return {
    ...compact({
      user: fields.string('user'),
      cacheKey: fields.string('prompt_cache_key'),
      serviceTier: fields.string('service_tier'),
      metadata: metadata === undefined ? undefined : toTexts(metadata),
      streamUsage: options?.boolean('include_usage'),
    }),
    stream: fields.boolean('stream') ?? false,
  };
}

/** Metadata values as texts: what is not one is written as JSON. */
export const toTexts = (values: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]));
