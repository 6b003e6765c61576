import { PlatformError } from '@maru/api/errors';
import type { CanonicalAnswer, TokenLogprob } from '../canonical/answer.ts';
import type { AnswerContext } from '../format.ts';
import { asList, asNumber, asObject, asString, compact, isObject, type JsonObject } from '../json-value.ts';
import { fromChatFinish, toChatFinish } from '../openai-chat/chat-finish.ts';
import { readChatUsage, toChatUsage } from '../openai-chat/openai-usage.ts';

/** A whole text completion. Throws `upstream_garbage` for anything else. */
export function decodeCompletionsAnswer(value: unknown): CanonicalAnswer {
  const body = asObject(value);
  const choice = asList(body['choices'])[0];
  if (!isObject(choice) || typeof choice['text'] !== 'string') {
    throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not a text completion' });
  }
  return {
    id: asString(body['id']) ?? '',
    model: asString(body['model']) ?? '',
    parts: choice['text'] === '' ? [] : [{ type: 'text', text: choice['text'] }],
    finishReason: fromChatFinish(choice['finish_reason'], false),
    ...compact({ usage: readChatUsage(body['usage']), logprobs: readTextLogprobs(choice['logprobs']), createdS: asNumber(body['created']) }),
  };
}

/** The answer as a client of text completions expects it. A text is all that it can hold: reasoning, which it did not ask for, is not shown. */
export function encodeCompletionsAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const text = answer.parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
  return {
    ...toCompletionHead(context, answer),
    choices: [
      {
        index: 0,
        text,
        logprobs: answer.logprobs === undefined ? null : toTextLogprobs(answer.logprobs),
        finish_reason: toChatFinish(answer.finishReason, false),
      },
    ],
    ...(answer.usage === undefined ? {} : { usage: toChatUsage(answer.usage) }),
  };
}

/** What every chunk and every answer begins with. */
export const toCompletionHead = (context: AnswerContext, answer: { readonly model: string; readonly createdS?: number }): JsonObject => ({
  id: `cmpl-${context.id}`,
  object: 'text_completion',
  created: answer.createdS ?? context.createdS,
  model: answer.model === '' ? context.request.model : answer.model,
});

/** The log probabilities of text completions: parallel lists instead of a list of tokens. */
export function readTextLogprobs(value: unknown): readonly TokenLogprob[] | undefined {
  const lists = asObject(value);
  const tokens = asList(lists['tokens']);
  if (tokens.length === 0) return undefined;
  const logprobs = asList(lists['token_logprobs']);
  const tops = asList(lists['top_logprobs']);
  return tokens.map((token, index) => {
    const top = Object.entries(asObject(tops[index])).map(([name, logprob]) => ({ token: name, logprob: asNumber(logprob) ?? 0 }));
    return { token: asString(token) ?? '', logprob: asNumber(logprobs[index]) ?? 0, ...(top.length === 0 ? {} : { top }) };
  });
}

export function toTextLogprobs(logprobs: readonly TokenLogprob[]): JsonObject {
  let offset = 0;
  return {
    tokens: logprobs.map((entry) => entry.token),
    token_logprobs: logprobs.map((entry) => entry.logprob),
    top_logprobs: logprobs.map((entry) => Object.fromEntries((entry.top ?? []).map((top) => [top.token, top.logprob]))),
    text_offset: logprobs.map((entry) => {
      offset += entry.token.length;
      return offset - entry.token.length;
    }),
  };
}
