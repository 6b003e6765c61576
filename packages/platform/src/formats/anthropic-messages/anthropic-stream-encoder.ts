import { type Usage, ZERO_USAGE } from '@maru/api/records';
import type { FinishReason } from '../canonical/answer.ts';
import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import type { Seal } from '../canonical/part.ts';
import { PartSequencer } from '../canonical/part-sequencer.ts';
import type { AnswerContext, StreamEncoder } from '../format.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { toThinkingBlock } from '../thinking-block.ts';
import { encodeAnthropicError } from './anthropic-error.ts';
import { toStopReason } from './anthropic-finish.ts';
import { toAnthropicUsage } from './anthropic-usage.ts';

/** Writes the events of a streamed message, blocks strictly one after the other. */
export function createAnthropicStreamEncoder(context: AnswerContext): StreamEncoder {
  const sequencer = new PartSequencer();
  const writer = new MessageWriter(context);
  return {
    encode: (event) => {
      let text = '';
      for (const next of sequencer.push(event)) text += writer.write(next);
      return text;
    },
  };
}

class MessageWriter {
  readonly #context: AnswerContext;
  #started = false;
  #blocks = 0;
  /** A block is written when it has content: empty texts are no blocks, and only the seal tells which kind of thinking it is. */
  #head: JsonObject | undefined;
  #isOpen = false;
  #usage: Usage | undefined;
  #finish: { readonly reason: FinishReason; readonly stopSequence?: string } = { reason: 'other' };

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  write(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        return this.#start(event.model, event.usage);
      case 'part-start':
        return this.#startPart(event.part);
      case 'text-delta':
      case 'refusal-delta':
        return this.#delta({ type: 'text_delta', text: event.text });
      case 'reasoning-delta':
        return this.#delta({ type: 'thinking_delta', thinking: event.text });
      case 'arguments-delta':
        return this.#delta({ type: 'input_json_delta', partial_json: event.text });
      case 'notes':
        return event.notes.format === 'anthropic-messages'
          ? event.notes.value.map((citation) => this.#delta({ type: 'citations_delta', citation })).join('')
          : '';
      case 'seal':
        return this.#seal(event.seal);
      case 'part-end':
        return this.#endPart();
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'finish':
        this.#finish = event;
        return '';
      case 'end':
        return this.#end();
      case 'error':
        return write('error', encodeAnthropicError(event.error));
      case 'logprobs':
        return '';
    }
  }

  #start(model: string, usage: Usage | undefined): string {
    if (this.#started) return '';
    this.#started = true;
    this.#usage = usage;
    const message = {
      id: `msg_${this.#context.id}`,
      type: 'message',
      role: 'assistant',
      model: model === '' ? this.#context.request.model : model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: toAnthropicUsage(usage ?? ZERO_USAGE),
    };
    return write('message_start', { type: 'message_start', message }) + write('ping', { type: 'ping' });
  }

  #startPart(part: PartHead): string {
    const before = this.#start('', undefined);
    if (part.type === 'foreign') {
      if (part.format !== 'anthropic-messages' || !isObject(part.value)) return before;
      this.#head = part.value;
      return before + this.#open();
    }
    if (part.type === 'tool-call') {
      this.#head = { type: 'tool_use', id: part.id, name: part.name, input: {} };
      return before + this.#open();
    }
    this.#head = part.type === 'reasoning' ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' };
    return before;
  }

  #open(): string {
    if (this.#isOpen || this.#head === undefined) return '';
    this.#isOpen = true;
    return write('content_block_start', { type: 'content_block_start', index: this.#blocks, content_block: this.#head });
  }

  #delta(delta: JsonObject): string {
    return this.#open() + write('content_block_delta', { type: 'content_block_delta', index: this.#blocks, delta });
  }

  #seal(seal: Seal): string {
    const block = toThinkingBlock({ type: 'reasoning', text: this.#isOpen ? 'has text' : '', seal });
    if (block['type'] !== 'redacted_thinking') return this.#delta({ type: 'signature_delta', signature: block['signature'] });
    this.#head = block;
    return this.#open();
  }

  #endPart(): string {
    this.#head = undefined;
    if (!this.#isOpen) return '';
    this.#isOpen = false;
    this.#blocks += 1;
    return write('content_block_stop', { type: 'content_block_stop', index: this.#blocks - 1 });
  }

  #end(): string {
    const { reason, stopSequence } = this.#finish;
    const delta = { stop_reason: toStopReason(reason), stop_sequence: stopSequence ?? null };
    const last = write('message_delta', { type: 'message_delta', delta, usage: toAnthropicUsage(this.#usage ?? ZERO_USAGE) });
    return this.#start('', undefined) + last + write('message_stop', { type: 'message_stop' });
  }
}

const write = (event: string, data: JsonObject): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
