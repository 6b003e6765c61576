import { type CanonicalRequest, type OutputFormat, REASONING_EFFORTS, type ReasoningSettings } from '../canonical/request.ts';
import { Fields, invalidField } from '../fields.ts';
import type { DecodedRequest } from '../format.ts';
import { compact, type JsonObject } from '../json-value.ts';
import { decodeChatToolChoice } from '../openai-chat/chat-tools.ts';
import { readJsonSchema, toTexts } from '../openai-chat/decode-chat-request.ts';
import { decodeResponsesInput } from './decode-responses-input.ts';
import { decodeResponsesTools, isHostedChoice } from './responses-tools.ts';

const ENCRYPTED = 'reasoning.encrypted_content';
const LOGPROBS = 'message.output_text.logprobs';

/**
 * Body of `POST /v1/responses`. Throws `invalid_request` naming the field. What belongs to the store of responses (`previous_response_id`,
 * `store`, `background` …) stays in `extra`, for the one who keeps them.
 */
export function decodeResponsesRequest(value: unknown): DecodedRequest {
  const fields = new Fields(value, '');
  const tools = decodeResponsesTools(fields.list('tools') ?? []);
  const choice = fields.value('tool_choice');
  const hosted = isHostedChoice(choice) ? { tool_choice: choice } : {};
  const include = fields.strings('include') ?? [];
  const text = new Fields(fields.value('text') ?? {}, 'text');
  const metadata = fields.object('metadata');
  const request: CanonicalRequest = {
    model: fields.requiredString('model'),
    messages: decodeResponsesInput(fields.string('instructions'), fields.value('input')),
    ...(tools.length === 0 ? {} : { tools }),
    ...compact({
      toolChoice: 'tool_choice' in hosted ? undefined : decodeChatToolChoice(choice),
      parallelToolCalls: fields.boolean('parallel_tool_calls'),
      output: readOutput(text.object('format')),
      verbosity: text.oneOf('verbosity', ['low', 'medium', 'high']),
      temperature: fields.number('temperature'),
      topP: fields.number('top_p'),
      logprobs: include.includes(LOGPROBS) ? true : undefined,
      topLogprobs: fields.integer('top_logprobs', 0),
      maxTokens: fields.integer('max_output_tokens', 1),
      reasoning: readReasoning(fields.object('reasoning'), include.includes(ENCRYPTED)),
      cacheKey: fields.string('prompt_cache_key'),
      user: fields.string('user'),
      metadata: metadata === undefined ? undefined : toTexts(metadata),
      serviceTier: fields.string('service_tier'),
    }),
    stream: fields.boolean('stream') ?? false,
    streamUsage: true,
  };
  const included = include.filter((name) => name !== ENCRYPTED && name !== LOGPROBS);
  const rest: JsonObject = { ...fields.rest(), ...hosted, ...(included.length === 0 ? {} : { include: included }) };
  const kept = rest['truncation'] === 'disabled' ? omit(rest, 'truncation') : rest;
  return { request: Object.keys(kept).length === 0 ? request : { ...request, extra: { format: 'openai-responses', fields: kept } }, warnings: [] };
}

const omit = (object: JsonObject, name: string): JsonObject => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));

function readOutput(format: JsonObject | undefined): OutputFormat | undefined {
  switch (format?.['type']) {
    case undefined:
      return undefined;
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return readJsonSchema(new Fields(format, 'text.format'));
    default:
      throw invalidField('text.format.type', 'must be "text", "json_object" or "json_schema"');
  }
}

function readReasoning(value: JsonObject | undefined, sealed: boolean): ReasoningSettings | undefined {
  const reasoning = new Fields(value ?? {}, 'reasoning');
  const settings = compact({
    effort: reasoning.oneOf('effort', REASONING_EFFORTS),
    summary: reasoning.oneOf('summary', ['auto', 'concise', 'detailed']) ?? reasoning.oneOf('generate_summary', ['auto', 'concise', 'detailed']),
    sealed: sealed ? true : undefined,
  });
  return Object.keys(settings).length === 0 ? undefined : settings;
}
