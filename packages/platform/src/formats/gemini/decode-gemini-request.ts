import type { CanonicalMessage } from '../canonical/message.ts';
import type { CanonicalRequest, OutputFormat } from '../canonical/request.ts';
import { Fields, invalidField } from '../fields.ts';
import type { DecodedRequest, RequestPath } from '../format.ts';
import { compact, isObject, type JsonObject } from '../json-value.ts';
import { camelKeys } from './camel-keys.ts';
import { decodeContents, decodeSystem } from './decode-gemini-contents.ts';
import { toJsonSchema } from './gemini-schema.ts';
import { decodeThinking } from './gemini-thinking.ts';
import { decodeGeminiToolChoice, decodeGeminiTools } from './gemini-tools.ts';

/** Body of `generateContent` and `streamGenerateContent`; the model and whether it streams stand in the path. */
export function decodeGeminiRequest(value: unknown, path: RequestPath = {}): DecodedRequest {
  const body = new Fields(camelKeys(value), '');
  const config = new Fields(camelKeys(body.value('generationConfig') ?? {}), 'generationConfig');
  const model = path.model ?? body.string('model')?.replace(/^models\//, '');
  if (model === undefined || model === '') throw invalidField('model', 'is missing; it stands in the path: /v1beta/models/MODEL:generateContent');
  const contents = body.value('contents');
  const system = body.value('systemInstruction');
  const messages: CanonicalMessage[] = [...(system === undefined ? [] : [decodeSystem(system)]), ...decodeContents(contents)];
  const tools = body.list('tools');
  const request: CanonicalRequest = {
    model,
    messages,
    stream: path.stream ?? false,
    ...compact({
      tools: tools === undefined ? undefined : decodeGeminiTools(tools),
      toolChoice: decodeGeminiToolChoice(body.object('toolConfig')),
      output: decodeOutput(config),
      stop: config.strings('stopSequences'),
      seed: config.integer('seed', Number.MIN_SAFE_INTEGER),
      temperature: config.number('temperature'),
      topP: config.number('topP'),
      topK: config.number('topK'),
      presencePenalty: config.number('presencePenalty'),
      frequencyPenalty: config.number('frequencyPenalty'),
      logprobs: config.boolean('responseLogprobs'),
      topLogprobs: config.integer('logprobs', 0),
      choices: config.integer('candidateCount', 1),
      maxTokens: config.integer('maxOutputTokens', 1),
      reasoning: decodeThinking(config.value('thinkingConfig')),
    }),
  };
  const rest = { ...body.rest(), ...prefixed(config.rest()) };
  return { request: Object.keys(rest).length === 0 ? request : { ...request, extra: { format: 'gemini', fields: rest } }, warnings: [] };
}

function decodeOutput(config: Fields): OutputFormat | undefined {
  const schema = config.value('responseJsonSchema') ?? config.value('responseSchema');
  const type = config.string('responseMimeType');
  if (isObject(schema)) return { type: 'json-schema', name: 'answer', schema: config.has('responseJsonSchema') ? schema : toJsonSchema(schema) };
  if (type === 'application/json') return { type: 'json' };
  if (type === undefined || type === 'text/plain') return undefined;
  throw invalidField('generationConfig.responseMimeType', 'must be text/plain, or application/json');
}

/** Settings that only Gemini knows, by the path that its clients know them by. */
const prefixed = (fields: JsonObject | undefined): JsonObject =>
  Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [`generationConfig.${name}`, value]));
