import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import type { failure } from '../canonical/failure.ts';
import type { StreamDecoder } from '../format.ts';
import { asList, asNumber, asObject, asString, type JsonObject } from '../json-value.ts';
import { readLogprobs } from '../openai-chat/chat-logprobs.ts';
import { decodeOpenaiError } from '../openai-chat/openai-error.ts';
import { createSseDecoder } from '../sse-decoder.ts';
import { readCallId, readFinish } from './decode-responses-answer.ts';
import { readItemSeal } from './responses-reasoning.ts';
import { readResponsesUsage } from './responses-usage.ts';

const FORMAT = 'openai-responses';

/** Reads the events of a streamed response. The answer is complete at `response.completed` or `response.incomplete`, and only there. */
export function createResponsesStreamDecoder(): StreamDecoder {
  const items = new ResponseItems();
  return createSseDecoder({ read: (event) => items.read(event), readMarker: (data) => (data === '[DONE]' ? [] : undefined) });
}

interface Open {
  readonly index: number;
  readonly type: PartHead['type'];
  wrote: boolean;
  ended: boolean;
}

interface Opened {
  readonly open: Open;
  readonly events: readonly CanonicalEvent[];
}

class ResponseItems {
  readonly #parts = new Map<string, Open>();
  readonly #kinds: { readonly type: string }[] = [];
  #started = false;

  read(event: JsonObject): readonly CanonicalEvent[] {
    switch (event['type']) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return this.#start(asObject(event['response']));
      case 'response.output_item.added':
        return this.#addItem(event, asObject(event['item']));
      case 'response.content_part.added':
        return this.#addContent(event, asObject(event['part']));
      case 'response.output_text.delta':
        return this.#say(event, 'text', asString(event['delta']) ?? '');
      case 'response.refusal.delta':
        return this.#say(event, 'refusal', asString(event['delta']) ?? '');
      case 'response.reasoning_summary_part.added':
        return this.#nextSummary(event);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.#write(this.#open(itemKey(event), { type: 'reasoning' }), asString(event['delta']) ?? '');
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#continueCall(event);
      case 'response.output_text.annotation.added':
        return this.#annotate(event);
      case 'response.content_part.done':
        return this.#endContent(event, asObject(event['part']));
      case 'response.output_item.done':
        return this.#endItem(event, asObject(event['item']));
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish(asObject(event['response']));
      case 'response.failed':
        return [{ type: 'error', error: toError(asObject(asObject(event['response'])['error'])) }];
      case 'error':
        return [{ type: 'error', error: toError(typeof event['error'] === 'object' ? asObject(event['error']) : event) }];
      default:
        return [];
    }
  }

  #start(response: JsonObject): readonly CanonicalEvent[] {
    if (this.#started) return [];
    this.#started = true;
    const createdS = asNumber(response['created_at']);
    const head = { id: asString(response['id']) ?? '', model: asString(response['model']) ?? '' };
    return [{ type: 'start', ...head, ...(createdS === undefined ? {} : { createdS }) }];
  }

  #open(key: string, part: PartHead): Opened {
    const known = this.#parts.get(key);
    if (known !== undefined) return { open: known, events: [] };
    const open: Open = { index: this.#kinds.length, type: part.type, wrote: false, ended: false };
    this.#kinds.push(part);
    this.#parts.set(key, open);
    return { open, events: [{ type: 'part-start', index: open.index, part }] };
  }

  #write({ open, events }: Opened, text: string): readonly CanonicalEvent[] {
    if (text === '' || open.ended) return events;
    open.wrote = true;
    return [...events, toDelta(open, text)];
  }

  /** Messages begin with their content, and items of OpenAI's own kinds are given on when they are whole. */
  #addItem(event: JsonObject, item: JsonObject): readonly CanonicalEvent[] {
    const key = String(asNumber(event['output_index']) ?? 0);
    switch (item['type']) {
      case 'function_call':
        return this.#open(key, { type: 'tool-call', id: readCallId(item), name: asString(item['name']) ?? '' }).events;
      case 'custom_tool_call':
        return this.#open(key, { type: 'tool-call', id: readCallId(item), name: asString(item['name']) ?? '', custom: true }).events;
      case 'reasoning':
        return this.#open(key, { type: 'reasoning' }).events;
      default:
        return [];
    }
  }

  #addContent(event: JsonObject, part: JsonObject): readonly CanonicalEvent[] {
    if (part['type'] === 'output_text') return this.#say(event, 'text', asString(part['text']) ?? '');
    return part['type'] === 'refusal' ? this.#say(event, 'refusal', asString(part['refusal']) ?? '') : [];
  }

  #say(event: JsonObject, type: 'text' | 'refusal', text: string): readonly CanonicalEvent[] {
    const opened = this.#open(contentKey(event), { type });
    const logprobs = readLogprobs(event['logprobs']);
    const written = this.#write(opened, text);
    return logprobs === undefined ? written : [...written, { type: 'logprobs', index: opened.open.index, logprobs }];
  }

  #nextSummary(event: JsonObject): readonly CanonicalEvent[] {
    const opened = this.#open(itemKey(event), { type: 'reasoning' });
    return opened.open.wrote ? this.#write(opened, '\n\n') : opened.events;
  }

  #continueCall(event: JsonObject): readonly CanonicalEvent[] {
    const open = this.#parts.get(itemKey(event));
    return open === undefined ? [] : this.#write({ open, events: [] }, asString(event['delta']) ?? '');
  }

  #annotate(event: JsonObject): readonly CanonicalEvent[] {
    const open = this.#parts.get(contentKey(event));
    if (open === undefined || open.ended) return [];
    return [{ type: 'notes', index: open.index, notes: { format: FORMAT, value: [event['annotation']] } }];
  }

  #endContent(event: JsonObject, part: JsonObject): readonly CanonicalEvent[] {
    const open = this.#parts.get(contentKey(event));
    if (open === undefined) return [];
    return this.#close(open, asString(part['text']) ?? asString(part['refusal']) ?? '');
  }

  /** Ends a part; a server that sent no deltas has the whole text here. */
  #close(open: Open, whole: string): readonly CanonicalEvent[] {
    if (open.ended) return [];
    const rest = open.wrote ? [] : this.#write({ open, events: [] }, whole);
    open.ended = true;
    return [...rest, { type: 'part-end', index: open.index }];
  }

  #endItem(event: JsonObject, item: JsonObject): readonly CanonicalEvent[] {
    const at = asNumber(event['output_index']) ?? 0;
    if (item['type'] === 'message') return asList(item['content']).flatMap((part, content) => this.#endMessageContent(`${at}.${content}`, asObject(part)));
    const open = this.#parts.get(String(at));
    if (open === undefined) return this.#addWholeItem(event, item);
    if (item['type'] !== 'reasoning') return this.#close(open, asString(item['arguments']) ?? asString(item['input']) ?? '');
    const { seal } = readItemSeal(item);
    const sealed: readonly CanonicalEvent[] = seal === undefined || open.ended ? [] : [{ type: 'seal', index: open.index, seal }];
    const text = joinTexts(item['summary']) || joinTexts(item['content']);
    const rest = open.wrote ? [] : this.#write({ open, events: [] }, text);
    return [...rest, ...sealed, ...this.#close(open, '')];
  }

  #endMessageContent(key: string, part: JsonObject): readonly CanonicalEvent[] {
    const type = part['type'] === 'refusal' ? 'refusal' : 'text';
    const { open, events } = this.#open(key, { type });
    return [...events, ...this.#close(open, asString(part['text']) ?? asString(part['refusal']) ?? '')];
  }

  #addWholeItem(event: JsonObject, item: JsonObject): readonly CanonicalEvent[] {
    const started = this.#addItem(event, item);
    if (started.length > 0) return [...started, ...this.#endItem(event, item)];
    const { open, events } = this.#open(String(asNumber(event['output_index']) ?? 0), { type: 'foreign', format: FORMAT, value: item });
    return [...events, ...this.#close(open, '')];
  }

  #finish(response: JsonObject): readonly CanonicalEvent[] {
    const started = this.#start(response);
    const open = [...this.#parts.values()].flatMap((part) => this.#close(part, ''));
    const usage = readResponsesUsage(response['usage']);
    return [
      ...started,
      ...open,
      ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
      { type: 'finish', reason: readFinish(response, this.#kinds) },
      { type: 'end' },
    ];
  }
}

const itemKey = (event: JsonObject): string => String(asNumber(event['output_index']) ?? 0);
const contentKey = (event: JsonObject): string => `${asNumber(event['output_index']) ?? 0}.${asNumber(event['content_index']) ?? 0}`;

const joinTexts = (list: unknown): string =>
  asList(list)
    .map((part) => asString(asObject(part)['text']) ?? '')
    .join('\n\n');

function toDelta({ index, type }: Open, text: string): CanonicalEvent {
  if (type === 'tool-call') return { type: 'arguments-delta', index, text };
  if (type === 'reasoning') return { type: 'reasoning-delta', index, text };
  return { type: type === 'refusal' ? 'refusal-delta' : 'text-delta', index, text };
}

function toError(error: JsonObject): ReturnType<typeof failure> {
  const status = error['code'] === 'rate_limit_exceeded' ? 429 : error['code'] === 'invalid_prompt' ? 400 : 500;
  return decodeOpenaiError(asNumber(error['status']) ?? status, { error });
}
