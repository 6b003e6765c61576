import type { Usage } from '@maru/api/records';
import { formatSse } from '#http';
import type { FinishReason, TokenLogprob } from '../canonical/answer.ts';
import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import type { Seal } from '../canonical/part.ts';
import type { AnswerContext, StreamEncoder } from '../format.ts';
import { asObject, type JsonObject } from '../json-value.ts';
import { toFunctionCall, toSignature } from './encode-gemini-answer.ts';
import { encodeGeminiError } from './gemini-error.ts';
import { toGeminiFinish } from './gemini-finish.ts';
import { toGeminiLogprobs } from './gemini-logprobs.ts';
import { toGeminiUsage } from './gemini-usage.ts';

/** The stream of `streamGenerateContent?alt=sse`. Calls are written whole, because Gemini has no deltas of arguments. */
export function createGeminiStreamEncoder(context: AnswerContext): StreamEncoder {
  const writer = new Writer(context);
  return { encode: (event) => writer.write(event) };
}

interface Open {
  readonly head: PartHead;
  text: string;
  seal?: Seal;
}

class Writer {
  readonly #context: AnswerContext;
  readonly #open = new Map<number, Open>();
  #model: string;
  #usage: Usage | undefined;
  #reason: FinishReason = 'other';
  #logprobs: TokenLogprob[] = [];
  #notes: JsonObject = {};
  /** A signature that waits for what it signs. */
  #waiting: Seal | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#model = context.request.model;
  }

  write(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        if (event.model !== '') this.#model = event.model;
        this.#usage = event.usage ?? this.#usage;
        return '';
      case 'part-start':
        this.#open.set(event.index, { head: event.part, text: '' });
        return '';
      case 'text-delta':
      case 'refusal-delta':
        return event.text === '' ? '' : this.#part({ text: event.text, ...this.#takeSignature() });
      case 'reasoning-delta':
        this.#grow(event.index, event.text);
        return event.text === '' ? '' : this.#part({ text: event.text, thought: true });
      case 'arguments-delta':
        this.#grow(event.index, event.text);
        return '';
      case 'seal': {
        const open = this.#open.get(event.index);
        if (open !== undefined) open.seal = event.seal;
        return '';
      }
      case 'notes':
        if (event.notes.format === 'gemini') this.#notes = Object.assign({}, this.#notes, ...event.notes.value.map(asObject));
        return '';
      case 'logprobs':
        this.#logprobs = [...this.#logprobs, ...event.logprobs];
        return '';
      case 'part-end':
        return this.#endPart(event.index);
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'finish':
        this.#reason = event.reason;
        return '';
      case 'end':
        return this.#last();
      case 'error':
        return formatSse({ data: JSON.stringify(encodeGeminiError(event.error)) });
    }
  }

  #grow(index: number, text: string): void {
    const open = this.#open.get(index);
    if (open !== undefined) open.text += text;
  }

  #endPart(index: number): string {
    const open = this.#open.get(index);
    this.#open.delete(index);
    if (open === undefined) return '';
    const { head, text, seal } = open;
    if (head.type === 'tool-call') return this.#part({ ...toFunctionCall({ id: head.id, name: head.name, arguments: text }), ...this.#takeSignature() });
    if (head.type === 'foreign') return head.format === 'gemini' ? this.#part(asObject(head.value)) : '';
    if (head.type !== 'reasoning' || seal === undefined) return '';
    if (text !== '') return this.#part({ text: '', thought: true, ...toSignature(seal) });
    this.#waiting = seal;
    return '';
  }

  #takeSignature(): JsonObject {
    const seal = this.#waiting;
    this.#waiting = undefined;
    return toSignature(seal);
  }

  #last(): string {
    const parts = this.#waiting === undefined ? [] : [{ text: '', ...this.#takeSignature() }];
    const candidate = {
      content: { role: 'model', parts },
      finishReason: toGeminiFinish(this.#reason),
      index: 0,
      ...(this.#logprobs.length === 0 ? {} : { logprobsResult: toGeminiLogprobs(this.#logprobs) }),
      ...this.#notes,
    };
    return this.#chunk(candidate, this.#usage === undefined ? {} : { usageMetadata: toGeminiUsage(this.#usage) });
  }

  #part(part: JsonObject): string {
    return this.#chunk({ content: { role: 'model', parts: [part] }, index: 0 }, {});
  }

  #chunk(candidate: JsonObject, more: JsonObject): string {
    return formatSse({ data: JSON.stringify({ candidates: [candidate], ...more, modelVersion: this.#model, responseId: this.#context.id }) });
  }
}
