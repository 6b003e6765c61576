import { toBudget } from '../canonical/reasoning-budget.ts';
import type { CanonicalRequest, OutputFormat, ReasoningSettings, RequestField } from '../canonical/request.ts';
import { DropList } from '../drop-list.ts';
import type { EncodedRequest } from '../format.ts';
import { compact, type JsonObject } from '../json-value.ts';
import { encodeCohereTools } from './cohere-tools.ts';
import { encodeCohereMessages } from './encode-cohere-messages.ts';

const UNKNOWN: readonly RequestField[] = [
  'logitBias',
  'logprobs',
  'topLogprobs',
  'choices',
  'verbosity',
  'cache',
  'cacheKey',
  'user',
  'metadata',
  'serviceTier',
];

/** Body of `POST /v2/chat`. */
export function encodeCohereRequest(request: CanonicalRequest): EncodedRequest {
  const drops = new DropList('cohere-chat');
  drops.fields(request, UNKNOWN);
  const body = compact({
    model: request.model,
    messages: encodeCohereMessages(request.messages, drops),
    ...encodeCohereTools(request, drops),
    response_format: encodeOutput(request.output),
    stop_sequences: request.stop,
    seed: request.seed,
    temperature: request.temperature,
    p: request.topP,
    k: request.topK,
    presence_penalty: encodePenalty('presencePenalty', request.presencePenalty, drops),
    frequency_penalty: encodePenalty('frequencyPenalty', request.frequencyPenalty, drops),
    max_tokens: request.maxTokens,
    thinking: request.reasoning === undefined ? undefined : encodeThinking(request.reasoning, drops),
    stream: request.stream ? true : undefined,
    ...drops.extra(request),
  });
  return { body, dropped: drops.items };
}

function encodeOutput(output: OutputFormat | undefined): JsonObject | undefined {
  if (output === undefined || output.type === 'text') return undefined;
  return output.type === 'json' ? { type: 'json_object' } : { type: 'json_object', json_schema: output.schema };
}

/** Cohere's penalties go from 0 to 1, those of others from -2 to 2. */
function encodePenalty(field: 'presencePenalty' | 'frequencyPenalty', value: number | undefined, drops: DropList): number | undefined {
  if (value === undefined || (value >= 0 && value <= 1)) return value;
  drops.meaning(field, 'a penalty of Cohere is from 0 to 1');
  return undefined;
}

function encodeThinking(settings: ReasoningSettings, drops: DropList): JsonObject | undefined {
  if (settings.summary !== undefined) drops.hint('reasoning.summary', 'Cohere has no setting for how reasoning is shown');
  const budget = toBudget(settings);
  if (budget === 0) return { type: 'disabled' };
  if (budget === undefined) return settings.mode === undefined ? undefined : { type: 'enabled' };
  return { type: 'enabled', token_budget: budget };
}
