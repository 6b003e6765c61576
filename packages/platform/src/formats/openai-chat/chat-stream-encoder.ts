import type { Usage } from '@maru/api/records';
import type { FinishReason } from '../canonical/answer.ts';
import { CustomCallFitter } from '../canonical/custom-call-fitter.ts';
import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import type { Seal } from '../canonical/part.ts';
import type { AnswerContext, StreamEncoder } from '../format.ts';
import type { JsonObject } from '../json-value.ts';
import { toThinkingBlock } from '../thinking-block.ts';
import { toChatFinish } from './chat-finish.ts';
import { toLogprobs } from './chat-logprobs.ts';
import { encodeOpenaiError } from './openai-error.ts';
import { toChatUsage } from './openai-usage.ts';

/** Writes the chunks of a streamed chat. The usage chunk stands there only when the client asked for it. */
export function createChatStreamEncoder(context: AnswerContext): StreamEncoder {
  const writer = new ChatWriter(context);
  const fitter = new CustomCallFitter(context.request.tools);
  return {
    encode: (event) => {
      let text = '';
      for (const fitted of fitter.fit(event)) text += writer.write(fitted);
      return text;
    },
  };
}

class ChatWriter {
  readonly #context: AnswerContext;
  readonly #calls = new Map<number, { readonly at: number; readonly custom: boolean }>();
  readonly #thoughts = new Map<number, string>();
  #head = '';
  #usage: Usage | undefined;
  #refused = false;
  #finish: { readonly reason: FinishReason; readonly stopSequence?: string } | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  write(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        this.#begin(event);
        return this.#delta({ role: 'assistant', content: '' });
      case 'part-start':
        return this.#startPart(event.index, event.part);
      case 'text-delta':
        return this.#delta({ content: event.text });
      case 'reasoning-delta':
        this.#thoughts.set(event.index, (this.#thoughts.get(event.index) ?? '') + event.text);
        return this.#delta({ reasoning_content: event.text });
      case 'refusal-delta':
        return this.#delta({ refusal: event.text });
      case 'arguments-delta':
        return this.#continueCall(event.index, event.text);
      case 'seal':
        return this.#seal(event.index, event.seal);
      case 'notes':
        return event.notes.format === 'openai-chat' ? this.#delta({ annotations: event.notes.value }) : '';
      case 'logprobs':
        return this.#chunk({ choices: [{ index: 0, delta: {}, logprobs: { content: toLogprobs(event.logprobs), refusal: null }, finish_reason: null }] });
      case 'part-end':
        return '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'finish':
        this.#finish = event;
        return '';
      case 'end':
        return this.#end();
      case 'error':
        return `data: ${JSON.stringify(encodeOpenaiError(event.error))}\n\n`;
    }
  }

  #begin(event: Extract<CanonicalEvent, { type: 'start' }>): void {
    this.#usage = event.usage;
    const { id, createdS, request } = this.#context;
    const head = {
      id: `chatcmpl-${id}`,
      object: 'chat.completion.chunk',
      created: event.createdS ?? createdS,
      model: event.model === '' ? request.model : event.model,
    };
    this.#head = JSON.stringify(head).slice(0, -1);
  }

  #startPart(index: number, part: PartHead): string {
    if (part.type === 'refusal') this.#refused = true;
    if (part.type === 'foreign') return part.format === 'openai-chat' ? this.#delta(part.value as JsonObject) : '';
    if (part.type !== 'tool-call') return '';
    const call = { at: this.#calls.size, custom: part.custom === true };
    this.#calls.set(index, call);
    const body = call.custom ? { type: 'custom', custom: { name: part.name, input: '' } } : { type: 'function', function: { name: part.name, arguments: '' } };
    return this.#delta({ tool_calls: [{ index: call.at, id: part.id, ...body }] });
  }

  #continueCall(index: number, text: string): string {
    const call = this.#calls.get(index);
    if (call === undefined) return '';
    return this.#delta({ tool_calls: [{ index: call.at, ...(call.custom ? { custom: { input: text } } : { function: { arguments: text } }) }] });
  }

  #seal(index: number, seal: Seal): string {
    return this.#delta({ thinking_blocks: [toThinkingBlock({ type: 'reasoning', text: this.#thoughts.get(index) ?? '', seal })] });
  }

  #end(): string {
    const { reason, stopSequence } = this.#finish ?? { reason: 'other' as const };
    const finish = this.#chunk({
      choices: [
        {
          index: 0,
          delta: {},
          finish_reason: toChatFinish(reason, this.#refused),
          ...(stopSequence === undefined ? {} : { stop_reason: stopSequence }),
        },
      ],
    });
    const wanted = this.#context.request.streamUsage === true && this.#usage !== undefined;
    const usage = wanted && this.#usage !== undefined ? this.#chunk({ choices: [], usage: toChatUsage(this.#usage) }) : '';
    return `${finish}${usage}data: [DONE]\n\n`;
  }

  #delta(delta: JsonObject): string {
    return this.#chunk({ choices: [{ index: 0, delta, finish_reason: null }] });
  }

  #chunk(fields: JsonObject): string {
    if (this.#head === '') this.#begin({ type: 'start', id: '', model: '' });
    return `data: ${this.#head},${JSON.stringify(fields).slice(1)}\n\n`;
  }
}
