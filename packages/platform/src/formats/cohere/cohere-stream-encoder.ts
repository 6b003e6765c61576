import type { Usage } from '@maru/api/records';
import { formatSse } from '#http';
import type { FinishReason } from '../canonical/answer.ts';
import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import type { AnswerContext, StreamEncoder } from '../format.ts';
import type { JsonObject } from '../json-value.ts';
import { toCohereFinish, toCohereUsage } from './cohere-answer.ts';

/** The stream of `POST /v2/chat`. */
export function createCohereStreamEncoder(context: AnswerContext): StreamEncoder {
  const writer = new Writer(context);
  return { encode: (event) => writer.write(event) };
}

interface Open {
  readonly kind: 'content' | 'tool-call';
  readonly index: number;
}

class Writer {
  readonly #id: string;
  readonly #open = new Map<number, Open>();
  #contents = 0;
  #calls = 0;
  #usage: Usage | undefined;
  #reason: FinishReason = 'other';

  constructor(context: AnswerContext) {
    this.#id = context.id;
  }

  write(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        this.#usage = event.usage ?? this.#usage;
        return line('message-start', { id: this.#id, delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } } });
      case 'part-start':
        return this.#start(event.index, event.part);
      case 'text-delta':
      case 'refusal-delta':
        return this.#delta(event.index, { content: { text: event.text } });
      case 'reasoning-delta':
        return this.#delta(event.index, { content: { thinking: event.text } });
      case 'arguments-delta':
        return this.#delta(event.index, { tool_calls: { function: { arguments: event.text } } });
      case 'part-end':
        return this.#end(event.index);
      case 'notes':
        return event.notes.format === 'cohere-chat'
          ? event.notes.value.map((citations, index) => line('citation-start', { index, delta: { message: { citations } } })).join('')
          : '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'finish':
        this.#reason = event.reason;
        return '';
      case 'end':
        return line('message-end', {
          delta: { finish_reason: toCohereFinish(this.#reason), ...(this.#usage === undefined ? {} : { usage: toCohereUsage(this.#usage) }) },
        });
      case 'error':
        return line('message-end', { delta: { finish_reason: 'ERROR', error: event.error.message } });
      // Cohere has neither signatures nor log probabilities in its streams.
      case 'seal':
      case 'logprobs':
        return '';
    }
  }

  #start(part: number, head: PartHead): string {
    if (head.type === 'foreign') return '';
    if (head.type === 'tool-call') {
      const index = this.#calls;
      this.#calls += 1;
      this.#open.set(part, { kind: 'tool-call', index });
      const call = { id: head.id, type: 'function', function: { name: head.name, arguments: '' } };
      return line('tool-call-start', { index, delta: { message: { tool_calls: call } } });
    }
    const index = this.#contents;
    this.#contents += 1;
    this.#open.set(part, { kind: 'content', index });
    const content = head.type === 'reasoning' ? { type: 'thinking', thinking: '' } : { type: 'text', text: '' };
    return line('content-start', { index, delta: { message: { content } } });
  }

  #delta(part: number, message: JsonObject): string {
    const open = this.#open.get(part);
    return open === undefined ? '' : line(`${open.kind}-delta`, { index: open.index, delta: { message } });
  }

  #end(part: number): string {
    const open = this.#open.get(part);
    this.#open.delete(part);
    return open === undefined ? '' : line(`${open.kind}-end`, { index: open.index });
  }
}

const line = (type: string, fields: JsonObject): string => formatSse({ event: type, data: JSON.stringify({ type, ...fields }) });
