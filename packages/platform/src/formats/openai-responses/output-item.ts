import type { TokenLogprob } from '../canonical/answer.ts';
import type { AssistantPart } from '../canonical/part.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { toLogprobs } from '../openai-chat/chat-logprobs.ts';
import { encodeReasoningItem, toReasoningId } from './responses-reasoning.ts';

export interface ItemOptions {
  readonly answerId: string;
  /** Place of the item among those of its response. */
  readonly index: number;
  readonly status: 'in_progress' | 'completed' | 'incomplete';
  readonly logprobs?: readonly TokenLogprob[] | undefined;
}

/** One part as an output item of its own; undefined for what only another format knows. */
export function toOutputItem(part: AssistantPart, options: ItemOptions): JsonObject | undefined {
  const { answerId, index, status } = options;
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { id: `msg_${answerId}_${index}`, type: 'message', status, role: 'assistant', content: [toContent(part, options.logprobs)] };
    case 'reasoning':
      return encodeReasoningItem(part, toReasoningId(answerId, index));
    case 'tool-call':
      if (part.custom === true)
        return { id: `ctc_${answerId}_${index}`, type: 'custom_tool_call', status, call_id: part.id, name: part.name, input: part.arguments };
      return { id: `fc_${answerId}_${index}`, type: 'function_call', status, call_id: part.id, name: part.name, arguments: part.arguments };
    case 'foreign':
      return part.format === 'openai-responses' && isObject(part.value) ? part.value : undefined;
  }
}

/** The content of a message item. */
export function toContent(part: Extract<AssistantPart, { type: 'text' | 'refusal' }>, logprobs: readonly TokenLogprob[] | undefined): JsonObject {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text };
  const annotations = part.notes?.format === 'openai-responses' ? part.notes.value : [];
  return { type: 'output_text', annotations, logprobs: logprobs === undefined ? [] : toLogprobs(logprobs), text: part.text };
}
