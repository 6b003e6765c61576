import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import { untilAborted } from './abortable.ts';
import type { ChatToolCall } from './messages.ts';
import type { ChatModel, ChatRequest } from './ports.ts';
import { readUsage } from './read-usage.ts';

export interface ModelReply {
  readonly content: string;
  readonly toolCalls: readonly ChatToolCall[];
  readonly finishReason: string | null;
  readonly usage: Usage;
}

export interface CallModelOptions {
  readonly request: ChatRequest;
  readonly signal: AbortSignal;
  readonly onText?: (text: string) => void;
}

/** Calls that a model may ask for in one answer. */
const MAX_TOOL_CALLS = 64;

/** Calls a model and puts the pieces of its answer together; text is handed on as it comes. */
export async function callModel(models: ChatModel, options: CallModelOptions): Promise<ModelReply> {
  let content = '';
  let finishReason: string | null = null;
  let usage: unknown;
  const calls: { id: string; name: string; arguments: string }[] = [];
  for await (const delta of untilAborted(models.chat(options.request, options.signal), options.signal)) {
    if (typeof delta.content === 'string' && delta.content !== '') {
      content += delta.content;
      options.onText?.(delta.content);
    }
    for (const part of delta.tool_calls ?? []) {
      if (part.index >= MAX_TOOL_CALLS) throw tooManyCalls(options.request.model);
      const call = calls[part.index] ?? { id: '', name: '', arguments: '' };
      calls[part.index] = call;
      if (part.id !== undefined) call.id = part.id;
      if (part.function?.name !== undefined) call.name += part.function.name;
      if (part.function?.arguments !== undefined) call.arguments += part.function.arguments;
    }
    if (typeof delta.finish_reason === 'string') finishReason = delta.finish_reason;
    if (delta.usage !== undefined && delta.usage !== null) usage = delta.usage;
  }
  options.signal.throwIfAborted();
  const toolCalls = calls
    .filter((call) => call !== undefined)
    .map((call): ChatToolCall => ({ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }));
  return { content, toolCalls, finishReason, usage: readUsage(usage) };
}

const tooManyCalls = (model: string): PlatformError =>
  new PlatformError('upstream_garbage', { message: `the model "${model}" asked for more than ${MAX_TOOL_CALLS} tool calls in one answer` });
