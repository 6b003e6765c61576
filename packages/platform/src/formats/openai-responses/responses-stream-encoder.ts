import type { Usage } from '@maru/api/records';
import type { FinishReason, TokenLogprob } from '../canonical/answer.ts';
import { CustomCallFitter } from '../canonical/custom-call-fitter.ts';
import type { CanonicalError } from '../canonical/error.ts';
import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import { finishPart, type GrowingPart } from '../canonical/growing-part.ts';
import type { AnswerContext, StreamEncoder } from '../format.ts';
import { asObject, type JsonObject } from '../json-value.ts';
import { toLogprobs } from '../openai-chat/chat-logprobs.ts';
import { encodeOpenaiError } from '../openai-chat/openai-error.ts';
import { wrapSeal } from '../seal.ts';
import { toEnd } from './encode-responses-answer.ts';
import { toContent, toOutputItem } from './output-item.ts';
import { type ResponseState, toResponseObject } from './response-object.ts';
import { toReasoningId } from './responses-reasoning.ts';

/** Writes the whole event grammar of a streamed response, numbered from 0. */
export function createResponsesStreamEncoder(context: AnswerContext): StreamEncoder {
  const writer = new ResponseWriter(context);
  const fitter = new CustomCallFitter(context.request.tools);
  return {
    encode: (event) => {
      let text = '';
      for (const fitted of fitter.fit(event)) text += writer.write(fitted);
      return text;
    },
  };
}

interface Item extends GrowingPart {
  readonly index: number;
  readonly id: string;
  logprobs?: TokenLogprob[];
  done?: JsonObject;
}

class ResponseWriter {
  readonly #context: AnswerContext;
  readonly #items = new Map<number, Item>();
  #sequence = 0;
  #model = '';
  #createdS: number | undefined;
  #started = false;
  #usage: Usage | undefined;
  #finish: FinishReason = 'other';
  #refused = false;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  write(event: CanonicalEvent): string {
    if (event.type === 'start') {
      this.#model = event.model;
      this.#createdS = event.createdS;
    }
    const before = this.#started ? '' : this.#start();
    return before + this.#continue(event);
  }

  #continue(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        return '';
      case 'part-start':
        return this.#startItem(event.index, event.part);
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
      case 'arguments-delta':
        return this.#delta(this.#items.get(event.index), event.text);
      case 'seal':
      case 'notes':
      case 'logprobs':
        return this.#attach(this.#items.get(event.index), event);
      case 'part-end':
        return this.#endItem(this.#items.get(event.index));
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'finish':
        this.#finish = event.reason;
        return '';
      case 'end':
        return this.#end();
      case 'error':
        return this.#fail(event.error);
    }
  }

  #start(): string {
    this.#started = true;
    const response = this.#response({ status: 'in_progress' });
    return this.#event('response.created', { response }) + this.#event('response.in_progress', { response });
  }

  #startItem(index: number, head: PartHead): string {
    if (head.type === 'foreign' && head.format !== 'openai-responses') return '';
    const at = this.#items.size;
    const empty = this.#toItem({ head, index: at, id: '', text: '' }, 'in_progress');
    const item: Item = { head, index: at, id: String(empty['id']), text: '' };
    this.#items.set(index, item);
    this.#refused ||= head.type === 'refusal';
    if (head.type !== 'text' && head.type !== 'refusal') {
      const shown = head.type === 'reasoning' ? { ...empty, summary: [] } : empty;
      return this.#event('response.output_item.added', { output_index: at, item: shown });
    }
    const part = toContent({ type: head.type, text: '' }, undefined);
    return (
      this.#event('response.output_item.added', { output_index: at, item: { ...empty, content: [] } }) +
      this.#event('response.content_part.added', { item_id: item.id, output_index: at, content_index: 0, part })
    );
  }

  #delta(item: Item | undefined, delta: string): string {
    if (item === undefined || item.done !== undefined) return '';
    const isFirst = item.text === '';
    item.text += delta;
    const place = { item_id: item.id, output_index: item.index };
    switch (item.head.type) {
      case 'text':
        return this.#event('response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] });
      case 'refusal':
        return this.#event('response.refusal.delta', { ...place, content_index: 0, delta });
      case 'reasoning': {
        const part = { type: 'summary_text', text: '' };
        const added = isFirst ? this.#event('response.reasoning_summary_part.added', { ...place, summary_index: 0, part }) : '';
        return added + this.#event('response.reasoning_summary_text.delta', { ...place, summary_index: 0, delta });
      }
      case 'tool-call':
        return this.#event(item.head.custom === true ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta', { ...place, delta });
      case 'foreign':
        return '';
    }
  }

  #attach(item: Item | undefined, event: Extract<CanonicalEvent, { type: 'seal' | 'notes' | 'logprobs' }>): string {
    if (item === undefined || item.done !== undefined) return '';
    if (event.type === 'seal') {
      item.seal = event.seal;
      return '';
    }
    const place = { item_id: item.id, output_index: item.index, content_index: 0 };
    if (event.type === 'logprobs') {
      item.logprobs ??= [];
      for (const logprob of event.logprobs) item.logprobs.push(logprob);
      return this.#event('response.output_text.delta', { ...place, delta: '', logprobs: toLogprobs(event.logprobs) });
    }
    if (event.notes.format !== 'openai-responses') return '';
    const before = item.notes?.value ?? [];
    item.notes = { format: event.notes.format, value: [...before, ...event.notes.value] };
    return event.notes.value
      .map((annotation, at) => this.#event('response.output_text.annotation.added', { ...place, annotation_index: before.length + at, annotation }))
      .join('');
  }

  #endItem(item: Item | undefined): string {
    if (item === undefined || item.done !== undefined) return '';
    const done = this.#toItem(item, 'completed');
    item.done = done;
    return this.#endContent(item) + this.#event('response.output_item.done', { output_index: item.index, item: done });
  }

  #endContent(item: Item): string {
    const place = { item_id: item.id, output_index: item.index };
    const { text } = item;
    switch (item.head.type) {
      case 'text': {
        const part = toContent({ type: 'text', text, ...(item.notes === undefined ? {} : { notes: item.notes }) }, item.logprobs);
        const logprobs = part['logprobs'];
        return (
          this.#event('response.output_text.done', { ...place, content_index: 0, text, logprobs }) +
          this.#event('response.content_part.done', { ...place, content_index: 0, part })
        );
      }
      case 'refusal':
        return (
          this.#event('response.refusal.done', { ...place, content_index: 0, refusal: text }) +
          this.#event('response.content_part.done', { ...place, content_index: 0, part: { type: 'refusal', refusal: text } })
        );
      case 'reasoning':
        if (text === '') return '';
        return (
          this.#event('response.reasoning_summary_text.done', { ...place, summary_index: 0, text }) +
          this.#event('response.reasoning_summary_part.done', { ...place, summary_index: 0, part: { type: 'summary_text', text } })
        );
      case 'tool-call':
        if (item.head.custom === true) return this.#event('response.custom_tool_call_input.done', { ...place, input: text });
        return this.#event('response.function_call_arguments.done', { ...place, name: item.head.name, arguments: text });
      case 'foreign':
        return '';
    }
  }

  #end(): string {
    const open = this.#endAll();
    const end = toEnd(this.#finish, this.#refused);
    return open + this.#event(`response.${end.status}`, { response: this.#response(end) });
  }

  #endAll(): string {
    return [...this.#items.values()].map((item) => this.#endItem(item)).join('');
  }

  /** An answer that broke off says so twice, as OpenAI does: once as an event, once as the failed response. */
  #fail(error: CanonicalError): string {
    const { message, code } = asObject(encodeOpenaiError(error)['error']);
    const failed = { code: typeof code === 'string' ? code : 'server_error', message: String(message) };
    return (
      this.#event('error', { ...failed, param: error.param ?? null }) +
      this.#event('response.failed', { response: this.#response({ status: 'failed', error: failed }) })
    );
  }

  #response(end: Pick<ResponseState, 'status' | 'incompleteReason' | 'error'>): JsonObject {
    const isLast = end.status !== 'in_progress';
    const output = [...this.#items.values()].map((item) => item.done ?? this.#toItem(item, 'incomplete'));
    return toResponseObject({ ...end, model: this.#model, createdS: this.#createdS, output, usage: isLast ? this.#usage : undefined }, this.#context);
  }

  #toItem(item: Item, status: 'in_progress' | 'completed' | 'incomplete'): JsonObject {
    const made = toOutputItem(finishPart(item), { answerId: this.#context.id, index: item.index, status, logprobs: item.logprobs }) ?? {};
    if (item.head.type !== 'reasoning') return made;
    // The id was given before the seal came with one of its own, so the seal carries its id inside.
    const sealed = item.seal === undefined ? {} : { encrypted_content: wrapSeal(item.seal, item.seal.id === undefined ? 'openai-responses' : 'openai-chat') };
    return { ...made, id: toReasoningId(this.#context.id, item.index), ...sealed };
  }

  #event(type: string, fields: JsonObject): string {
    const data = JSON.stringify({ type, sequence_number: this.#sequence, ...fields });
    this.#sequence += 1;
    return `event: ${type}\ndata: ${data}\n\n`;
  }
}
