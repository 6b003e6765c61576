import type { CanonicalRequest, RequestField } from '../canonical/request.ts';
import { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import type { DecodedRequest, EncodedRequest } from '../format.ts';
import { asObject, compact } from '../json-value.ts';

const UNKNOWN: readonly RequestField[] = [
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'output',
  'reasoning',
  'verbosity',
  'cache',
  'cacheKey',
  'metadata',
  'serviceTier',
  'topLogprobs',
];

/** Body of `POST /v1/completions`: one prompt becomes one message of the user. Throws `invalid_request` naming the field. */
export function decodeCompletionsRequest(value: unknown): DecodedRequest {
  const fields = new Fields(value, '');
  const stop = fields.value('stop');
  if (stop !== undefined && typeof stop !== 'string' && !(Array.isArray(stop) && stop.every((text) => typeof text === 'string'))) {
    throw invalidField('stop', 'must be a string or a list of strings');
  }
  const logprobs = fields.integer('logprobs', 0);
  const request: CanonicalRequest = {
    model: fields.requiredString('model'),
    messages: [{ role: 'user', content: [{ type: 'text', text: readPrompt(fields.value('prompt')) }] }],
    ...compact({
      stop: stop === undefined ? undefined : typeof stop === 'string' ? [stop] : (stop as string[]),
      seed: fields.number('seed'),
      temperature: fields.number('temperature'),
      topP: fields.number('top_p'),
      topK: fields.number('top_k'),
      presencePenalty: fields.number('presence_penalty'),
      frequencyPenalty: fields.number('frequency_penalty'),
      logitBias: fields.object('logit_bias'),
      logprobs: logprobs === undefined ? undefined : true,
      topLogprobs: logprobs,
      choices: fields.integer('n', 1),
      maxTokens: fields.integer('max_tokens', 1),
      user: fields.string('user'),
      streamUsage: asObject(fields.object('stream_options'))['include_usage'] === true ? true : undefined,
    }),
    stream: fields.boolean('stream') ?? false,
  };
  const rest = fields.rest();
  return { request: rest === undefined ? request : { ...request, extra: { format: 'openai-completions', fields: rest } }, warnings: [] };
}

function readPrompt(prompt: unknown): string {
  const only: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only === 'string' && only !== '') return only;
  throw invalidField('prompt', 'must be one text here: several prompts, or tokens, can not be translated for this model');
}

/** Body of `POST /v1/completions`. Only a single text of the user can be said as a prompt; all else would need the model's chat template. */
export function encodeCompletionsRequest(request: CanonicalRequest): EncodedRequest {
  const drops = new DropList('openai-completions');
  drops.fields(
    request,
    UNKNOWN.filter((name) => name !== 'topLogprobs' || request.logprobs !== true),
  );
  const body = compact({
    model: request.model,
    prompt: encodePrompt(request, drops),
    stop: request.stop,
    seed: request.seed,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs === true ? (request.topLogprobs ?? 0) : undefined,
    n: request.choices,
    max_tokens: request.maxTokens,
    user: request.user,
    stream: request.stream ? true : undefined,
    stream_options: request.stream ? { include_usage: true } : undefined,
    ...drops.extra(request),
  });
  return { body, dropped: drops.items };
}

function encodePrompt(request: CanonicalRequest, drops: DropList): string {
  const texts: string[] = [];
  for (const [index, message] of request.messages.entries()) {
    const last = index === request.messages.length - 1;
    if (message.role !== 'user' || !last) drops.meaning(`messages[${index}]`, 'a text completion takes one prompt, not a conversation');
    for (const [at, part] of message.content.entries()) {
      if (part.type === 'text') texts.push(part.text);
      else if (part.type === 'foreign') drops.foreign(`messages[${index}].content[${at}]`, part.format);
      else if (part.type === 'reasoning') drops.hint('messages.reasoning', 'a text completion has no place for reasoning');
      else drops.meaning(`messages[${index}].content[${at}]`, 'a text completion takes text only');
    }
  }
  return texts.join('\n');
}
