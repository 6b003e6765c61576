import { formatSse } from '#http';
import type { TwinRequest } from './parse-request.ts';

export interface ReplyFacts {
  readonly id: string;
  readonly createdS: number;
  readonly model: string;
  readonly fingerprint: string;
}

export interface ReplyUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
}

export interface WholeAnswer {
  readonly text: string;
  readonly finishReason: string;
  readonly usage: ReplyUsage;
  /** Where another engine finds the keys and values of the prompt. */
  readonly handedOver?: object | undefined;
}

/** The answer as one JSON object. */
export function wholeReply(request: TwinRequest, facts: ReplyFacts, answer: WholeAnswer): Uint8Array {
  const chat = request.operation === 'chat';
  const choice = chat
    ? { index: 0, message: { role: 'assistant', content: answer.text, refusal: null }, logprobs: null, finish_reason: answer.finishReason }
    : { index: 0, text: answer.text, logprobs: null, finish_reason: answer.finishReason };
  const transfer = answer.handedOver === undefined ? {} : { kv_transfer_params: answer.handedOver };
  return Buffer.from(
    JSON.stringify({ ...envelope(facts, chat ? 'chat.completion' : 'text_completion'), choices: [choice], usage: usageOf(answer.usage), ...transfer }),
  );
}

/** Writes the events of a streamed answer. */
export interface StreamWriter {
  /** The role comes before the first text of a chat. */
  start(): string;
  text(piece: string): string;
  /** The finish reason, the usage where it was asked for, and `[DONE]`. */
  end(finishReason: string, usage: ReplyUsage): string;
}

export function createStreamWriter(request: TwinRequest, facts: ReplyFacts): StreamWriter {
  const chat = request.operation === 'chat';
  const base = envelope(facts, chat ? 'chat.completion.chunk' : 'text_completion');
  const usage = request.includeUsage ? { usage: null } : {};
  const event = (choices: readonly object[], extra: object = usage): string => formatSse({ data: JSON.stringify({ ...base, choices, ...extra }) });
  const chunk = (content: object, finishReason: string | null): string =>
    event([
      chat ? { index: 0, delta: content, logprobs: null, finish_reason: finishReason } : { index: 0, ...content, logprobs: null, finish_reason: finishReason },
    ]);
  return {
    start: () => (chat ? chunk({ role: 'assistant', content: '' }, null) : ''),
    text: (piece) => chunk(chat ? { content: piece } : { text: piece }, null),
    end: (finishReason, counts) =>
      chunk(chat ? {} : { text: '' }, finishReason) + (request.includeUsage ? event([], { usage: usageOf(counts) }) : '') + formatSse({ data: '[DONE]' }),
  };
}

const envelope = (facts: ReplyFacts, object: string): object => ({
  id: facts.id,
  object,
  created: facts.createdS,
  model: facts.model,
  system_fingerprint: facts.fingerprint,
});

const usageOf = (usage: ReplyUsage): object => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens },
});
