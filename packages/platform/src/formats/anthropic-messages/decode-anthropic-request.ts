import { type CanonicalRequest, type OutputFormat, REASONING_EFFORTS, type ReasoningSettings } from '../canonical/request.ts';
import { Fields, invalidField } from '../fields.ts';
import type { DecodedRequest } from '../format.ts';
import { compact, isObject, type JsonObject } from '../json-value.ts';
import { readCache } from '../read-cache.ts';
import { decodeAnthropicToolChoice, decodeAnthropicTools } from './anthropic-tools.ts';
import { decodeAnthropicMessages } from './decode-anthropic-messages.ts';

/** Body of `POST /v1/messages` and of `/v1/messages/count_tokens`. Throws `invalid_request` naming the field. */
export function decodeAnthropicRequest(value: unknown): DecodedRequest {
  const fields = new Fields(value, '');
  const warnings: string[] = [];
  const model = fields.requiredString('model');
  const messages = fields.list('messages');
  if (messages === undefined || messages.length === 0) throw invalidField('messages', 'must be a list of at least one message');
  const tools = decodeAnthropicTools(fields.list('tools') ?? [], warnings);
  const metadata = fields.object('metadata') ?? {};
  const config = new Fields(fields.value('output_config') ?? {}, 'output_config');
  const request: CanonicalRequest = {
    model,
    messages: decodeAnthropicMessages(fields.value('system'), messages),
    ...(tools.length === 0 ? {} : { tools }),
    ...decodeAnthropicToolChoice(fields.object('tool_choice')),
    ...compact({
      maxTokens: fields.integer('max_tokens', 1),
      temperature: fields.number('temperature'),
      topP: fields.number('top_p'),
      topK: fields.number('top_k'),
      stop: fields.strings('stop_sequences'),
      user: typeof metadata['user_id'] === 'string' ? metadata['user_id'] : undefined,
      serviceTier: fields.string('service_tier'),
      output: readOutput(config.object('format') ?? fields.object('output_format')),
      reasoning: readReasoning(fields.object('thinking'), config),
    }),
    ...readCache(fields),
    stream: fields.boolean('stream') ?? false,
    streamUsage: true,
  };
  const rest = { ...fields.rest(), ...prefixed(config.rest()) };
  return { request: Object.keys(rest).length === 0 ? request : { ...request, extra: { format: 'anthropic-messages', fields: rest } }, warnings };
}

/** What is left of `output_config` stays one field, so that the same format gets it back in its place. */
const prefixed = (rest: JsonObject | undefined): JsonObject => (rest === undefined ? {} : { output_config: rest });

function readOutput(format: JsonObject | undefined): OutputFormat | undefined {
  if (format === undefined) return undefined;
  if (format['type'] !== 'json_schema' || !isObject(format['schema'])) throw invalidField('output_config.format', 'must be {type: "json_schema", schema}');
  return { type: 'json-schema', name: 'answer', schema: format['schema'], strict: true };
}

function readReasoning(value: JsonObject | undefined, config: Fields): ReasoningSettings | undefined {
  const effort = config.oneOf('effort', REASONING_EFFORTS);
  if (value === undefined) return effort === undefined ? undefined : { effort };
  const thinking = new Fields(value, 'thinking');
  const type = thinking.oneOf('type', ['enabled', 'adaptive', 'disabled']);
  const display = thinking.oneOf('display', ['summarized', 'omitted']);
  const budgetTokens = thinking.integer('budget_tokens', 0);
  return {
    mode: type === 'disabled' ? 'off' : type === 'adaptive' ? 'adaptive' : 'on',
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(display === undefined ? {} : { summary: display === 'omitted' ? ('none' as const) : ('auto' as const) }),
  };
}
