import { PlatformError } from '@maru/api/errors';
import type { CanonicalAnswer, FinishReason, TokenLogprob } from '../canonical/answer.ts';
import type { AssistantPart } from '../canonical/part.ts';
import { asList, asNumber, asObject, asString, compact, isObject, type JsonObject } from '../json-value.ts';
import { readLogprobs } from '../openai-chat/chat-logprobs.ts';
import { decodeReasoningItem } from './responses-reasoning.ts';
import { readResponsesUsage } from './responses-usage.ts';

/** A whole response. Throws `upstream_rejected` for one that failed, and `upstream_garbage` for anything else. */
export function decodeResponsesAnswer(value: unknown): CanonicalAnswer {
  if (!isObject(value) || !Array.isArray(value['output'])) {
    throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not a response of the Responses API' });
  }
  if (value['status'] === 'failed' || value['status'] === 'cancelled') {
    const { message, code } = asObject(value['error']);
    throw new PlatformError('upstream_rejected', {
      message: `the engine failed: ${(asString(message) ?? 'no message').slice(0, 500)}`,
      details: { upstreamCode: code ?? null },
    });
  }
  const parts = value['output'].flatMap(decodeOutputItem);
  return {
    id: asString(value['id']) ?? '',
    model: asString(value['model']) ?? '',
    parts,
    finishReason: readFinish(value, parts),
    ...compact({
      usage: readResponsesUsage(value['usage']),
      logprobs: readAllLogprobs(value['output']),
      createdS: asNumber(value['created_at']),
      serviceTier: asString(value['service_tier']),
    }),
  };
}

/** Why a response ended: its status says it only for one that was cut short. */
export function readFinish(response: JsonObject, parts: readonly { readonly type: string }[]): FinishReason {
  if (response['status'] === 'incomplete') {
    const { reason } = asObject(response['incomplete_details']);
    if (reason === 'max_output_tokens') return 'length';
    return reason === 'content_filter' ? 'content-filter' : 'other';
  }
  if (parts.some((part) => part.type === 'tool-call')) return 'tool-calls';
  return parts.some((part) => part.type === 'refusal') ? 'refusal' : 'stop';
}

/** The parts of one output item. */
function decodeOutputItem(value: unknown): readonly AssistantPart[] {
  const item = asObject(value);
  switch (item['type']) {
    case 'message':
      return asList(item['content']).flatMap(decodeContentPart);
    case 'reasoning':
      return [decodeReasoningItem(item)];
    case 'function_call':
      return [{ type: 'tool-call', id: readCallId(item), name: asString(item['name']) ?? '', arguments: asString(item['arguments']) ?? '' }];
    case 'custom_tool_call':
      return [{ type: 'tool-call', id: readCallId(item), name: asString(item['name']) ?? '', arguments: asString(item['input']) ?? '', custom: true }];
    default:
      return [{ type: 'foreign', format: 'openai-responses', value }];
  }
}

export const readCallId = (item: JsonObject): string => asString(item['call_id']) ?? asString(item['id']) ?? '';

function decodeContentPart(value: unknown): readonly AssistantPart[] {
  const part = asObject(value);
  if (part['type'] === 'refusal') return [{ type: 'refusal', text: asString(part['refusal']) ?? '' }];
  if (part['type'] !== 'output_text') return [];
  const text = asString(part['text']) ?? '';
  const annotations = asList(part['annotations']);
  return [annotations.length === 0 ? { type: 'text', text } : { type: 'text', text, notes: { format: 'openai-responses', value: annotations } }];
}

function readAllLogprobs(output: readonly unknown[]): readonly TokenLogprob[] | undefined {
  const all = output.flatMap((item) => asList(asObject(item)['content']).flatMap((part) => readLogprobs(asObject(part)['logprobs']) ?? []));
  return all.length === 0 ? undefined : all;
}
