import { PlatformError } from '@maru/api/errors';
import { type ChatRequest, type CompletionRequest, chatRequestSchema, completionRequestSchema } from '@maru/api/wire';
import type { Clock, Ids } from '#time';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import type { ToolChoice } from './choose-tool.ts';
import { readConversation, textOf } from './conversation.ts';
import { decide } from './decide.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { limitText } from './limit-text.ts';
import { type RenderedAnswer, renderEvents, renderWhole } from './render-chat.ts';
import { jsonReply, parseBody, refuse, throwIfCancelled } from './wire-reply.ts';

export interface ReaderEngineOptions {
  /** Name of the Model resource. */
  readonly model: string;
  readonly endpoint?: string;
  readonly servedName?: string;
  /** The text of every answer, in place of what the reader would find. */
  readonly answer?: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Tokens that the form of a message costs beside its text. */
const TOKENS_PER_MESSAGE = 3;

/**
 * The built-in reader: quotes answers out of the passages of a conversation, names them, says when they do not hold the answer, and calls tools by
 * plain rules; see {@link READER_MODEL_CARD}. The same conversation always gets the same answer.
 * Throws `not_supported` for embeddings, `cancelled` when the signal is aborted; a wrong body is answered with status 400.
 */
export function createReaderEngine(options: ReaderEngineOptions): Engine {
  const servedName = options.servedName ?? options.model;
  let running = 0;
  return {
    endpoint: options.endpoint ?? `${options.model}-0`,
    model: options.model,
    provider: 'reader',
    servedName,
    simulated: options.answer !== undefined,
    async call(request) {
      if (request.operation === 'embeddings') throw new PlatformError('not_supported', { message: `the model "${options.model}" makes no embeddings` });
      throwIfCancelled(request.signal);
      const parsed =
        request.operation === 'chat' ? parseBody(chatRequestSchema, request.body) : parseBody(completionRequestSchema.transform(toChat), request.body);
      if ('problem' in parsed) return refuse(parsed.problem);
      if (typeof parsed.value['n'] === 'number' && parsed.value['n'] > 1) return refuse('this model gives one answer: leave "n" out');
      const answer = makeAnswer(parsed.value, { ...options, servedName, operation: request.operation });
      if (!request.stream) return jsonReply(200, renderWhole(answer));
      running += 1;
      const onEnd = (): void => {
        running -= 1;
      };
      return streamReply(answer, request, { includeUsage: parsed.value.stream_options?.include_usage === true, onEnd });
    },
    load: () => ({ running, waiting: 0 }),
    close: async () => undefined,
  };
}

function makeAnswer(request: ChatRequest, context: ReaderEngineOptions & { servedName: string; operation: 'chat' | 'completions' }): RenderedAnswer {
  const tools = (request.tools ?? []).filter((tool) => tool.type === 'function' && tool.function != null);
  const decision =
    context.answer === undefined
      ? decide(readConversation(request.messages, tools), { toolChoice: toolChoiceOf(request, tools.length), responseFormat: request['response_format'] })
      : ({ type: 'answer', text: context.answer } as const);
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  const stop = typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []);
  const limited = decision.type === 'answer' ? limitText(decision.text, { maxTokens, stop }) : { text: '', finishReason: 'tool_calls' as const };
  const call = decision.type === 'call' ? { ...decision.call, id: context.ids.next('call') } : undefined;
  const outputTokens = Math.max(1, call === undefined ? estimateTokens(limited.text) : estimateTokens(`${call.name} ${call.arguments}`));
  return {
    id: context.ids.next(context.operation === 'chat' ? 'chatcmpl' : 'cmpl'),
    createdS: Math.floor(context.clock.nowMs() / 1000),
    model: context.servedName,
    operation: context.operation,
    text: limited.text,
    call,
    finishReason: limited.finishReason,
    usage: { inputTokens: countPrompt(request), cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens, reasoningTokens: 0 },
  };
}

function countPrompt(request: ChatRequest): number {
  const messages = request.messages.map(
    (message) =>
      TOKENS_PER_MESSAGE + estimateTokens(textOf(message)) + estimateTokens((message.tool_calls ?? []).map((call) => call.function.arguments).join(' ')),
  );
  const tools = request.tools == null || request.tools.length === 0 ? 0 : estimateTokens(JSON.stringify(request.tools));
  return messages.reduce((sum, tokens) => sum + tokens, tools);
}

function toolChoiceOf(request: ChatRequest, tools: number): ToolChoice {
  const choice = request.tool_choice;
  if (tools === 0 || choice === 'none') return 'none';
  if (typeof choice === 'object' && choice !== null) return choice.function == null ? 'auto' : { name: choice.function.name };
  return choice === 'required' ? 'required' : 'auto';
}

/** A prompt is one message of a user; of several prompts and of token ids the reader can make nothing. */
function toChat(request: CompletionRequest): ChatRequest {
  const { prompt, ...rest } = request;
  const texts = typeof prompt === 'string' ? [prompt] : prompt.filter((entry) => typeof entry === 'string');
  return { ...rest, messages: [{ role: 'user', content: texts.join('\n') }] };
}

function streamReply(answer: RenderedAnswer, request: EngineRequest, options: { includeUsage: boolean; onEnd: () => void }): EngineReply {
  let ended = false;
  const end = (): void => {
    request.signal.removeEventListener('abort', end);
    if (!ended) options.onEnd();
    ended = true;
  };
  // A client that goes before it has read anything never starts the stream below.
  request.signal.addEventListener('abort', end, { once: true });
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for (const event of renderEvents(answer, options.includeUsage)) {
        throwIfCancelled(request.signal);
        yield Buffer.from(event);
      }
      throwIfCancelled(request.signal);
    } finally {
      end();
    }
  }
  return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }, body: body() };
}
