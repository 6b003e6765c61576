import type { Usage } from '@maru/api/records';
import type { FinishReason } from '../canonical/answer.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import { OpenParts } from '../canonical/open-parts.ts';
import type { AnswerContext, StreamDecoder, StreamEncoder } from '../format.ts';
import { asList, asNumber, asObject, asString, type JsonObject } from '../json-value.ts';
import { fromChatFinish, toChatFinish } from '../openai-chat/chat-finish.ts';
import { decodeOpenaiError, encodeOpenaiError } from '../openai-chat/openai-error.ts';
import { readChatUsage, toChatUsage } from '../openai-chat/openai-usage.ts';
import { createSseDecoder } from '../sse-decoder.ts';
import { readTextLogprobs, toCompletionHead, toTextLogprobs } from './completions-answer.ts';

/** Reads the chunks of a streamed text completion. The answer is complete at `[DONE]`, and only there. */
export function createCompletionsStreamDecoder(): StreamDecoder {
  const parts = new OpenParts();
  let started = false;
  let finished = false;
  const read = (chunk: JsonObject): readonly CanonicalEvent[] => {
    if (chunk['error'] != null) return [{ type: 'error', error: decodeOpenaiError(asNumber(asObject(chunk['error'])['code']) ?? 502, chunk) }];
    const out: CanonicalEvent[] = [];
    if (!started) {
      started = true;
      const createdS = asNumber(chunk['created']);
      out.push({ type: 'start', id: asString(chunk['id']) ?? '', model: asString(chunk['model']) ?? '', ...(createdS === undefined ? {} : { createdS }) });
    }
    const choice = asObject(asList(chunk['choices'])[0]);
    const text = asString(choice['text']) ?? '';
    if (text !== '') out.push(...parts.add('text', text));
    const logprobs = readTextLogprobs(choice['logprobs']);
    if (logprobs !== undefined && parts.flowing !== undefined) out.push({ type: 'logprobs', index: parts.flowing, logprobs });
    if (typeof choice['finish_reason'] === 'string' && !finished) {
      finished = true;
      out.push(...parts.endAll(), { type: 'finish', reason: fromChatFinish(choice['finish_reason'], false) });
    }
    const usage = readChatUsage(chunk['usage']);
    if (usage !== undefined) out.push({ type: 'usage', usage });
    return out;
  };
  const done = (): readonly CanonicalEvent[] => [
    ...parts.endAll(),
    ...(finished ? [] : [{ type: 'finish' as const, reason: 'other' as const }]),
    { type: 'end' },
  ];
  return createSseDecoder({ read, readMarker: (data) => (data === '[DONE]' ? done() : undefined) });
}

/** Writes the chunks of a streamed text completion. */
export function createCompletionsStreamEncoder(context: AnswerContext): StreamEncoder {
  let head = toCompletionHead(context, { model: '' });
  let usage: Usage | undefined;
  let finish: FinishReason = 'other';
  const write = (fields: JsonObject): string => `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
  const say = (fields: JsonObject): string => write({ choices: [{ index: 0, text: '', logprobs: null, finish_reason: null, ...fields }] });
  return {
    encode: (event) => {
      switch (event.type) {
        case 'start':
          head = toCompletionHead(context, event);
          usage = event.usage;
          return '';
        case 'text-delta':
        case 'refusal-delta':
          return say({ text: event.text });
        case 'logprobs':
          return say({ logprobs: toTextLogprobs(event.logprobs) });
        case 'usage':
          usage = event.usage;
          return '';
        case 'finish':
          finish = event.reason;
          return '';
        case 'end': {
          const wanted = context.request.streamUsage === true && usage !== undefined ? write({ choices: [], usage: toChatUsage(usage) }) : '';
          return `${say({ finish_reason: toChatFinish(finish, false) })}${wanted}data: [DONE]\n\n`;
        }
        case 'error':
          return `data: ${JSON.stringify(encodeOpenaiError(event.error))}\n\n`;
        default:
          return '';
      }
    },
  };
}
