import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import { failure } from '../canonical/failure.ts';
import { OpenParts } from '../canonical/open-parts.ts';
import type { StreamDecoder } from '../format.ts';
import { asNumber, asObject, asString, type JsonObject } from '../json-value.ts';
import { createSseDecoder } from '../sse-decoder.ts';
import { fromCohereFinish, readCohereUsage } from './cohere-answer.ts';

/** The events of a streamed chat of Cohere. The answer is complete at `message-end`, and only there. */
export function createCohereStreamDecoder(): StreamDecoder {
  const reader = new CohereEvents();
  return createSseDecoder({ read: (value) => reader.read(value), readMarker: (data) => (data === '[DONE]' ? [] : undefined) });
}

class CohereEvents {
  readonly #parts = new OpenParts();
  /** Contents and calls are counted apart from each other. */
  readonly #open = new Map<string, number>();
  #started = false;

  read(value: JsonObject): readonly CanonicalEvent[] {
    const delta = asObject(value['delta']);
    const message = asObject(delta['message']);
    const index = asNumber(value['index']) ?? 0;
    const type = asString(value['type']) ?? '';
    if (type === '' && asString(value['message']) !== undefined) return [{ type: 'error', error: failure('server', asString(value['message']) ?? '') }];
    switch (type) {
      case 'message-start':
        return this.#begin(value);
      case 'tool-plan-delta':
        return this.#parts.add('reasoning', asString(message['tool_plan']) ?? '');
      case 'content-start':
      case 'content-delta':
        return this.#content(`content ${index}`, asObject(message['content']));
      case 'tool-call-start':
        return this.#startCall(`call ${index}`, asObject(message['tool_calls']));
      case 'tool-call-delta':
        return this.#continueCall(`call ${index}`, asObject(asObject(message['tool_calls'])['function']));
      case 'citation-start':
        return this.#cite(message['citations']);
      case 'content-end':
        return this.#end(`content ${index}`);
      case 'tool-call-end':
        return this.#end(`call ${index}`);
      case 'message-end':
        return this.#finish(delta);
      default:
        return [];
    }
  }

  #begin(value: JsonObject): readonly CanonicalEvent[] {
    if (this.#started) return [];
    this.#started = true;
    return [{ type: 'start', id: asString(value['id']) ?? '', model: '' }];
  }

  #content(key: string, content: JsonObject): readonly CanonicalEvent[] {
    const thought = asString(content['thinking']);
    const text = thought ?? asString(content['text']) ?? '';
    const thinks = thought !== undefined || content['type'] === 'thinking';
    const known = this.#open.get(key);
    const begun = known === undefined ? this.#start(key, { type: thinks ? 'reasoning' : 'text' }) : { index: known, events: [] };
    if (text === '') return begun.events;
    return [...begun.events, { type: thinks ? 'reasoning-delta' : 'text-delta', index: begun.index, text }];
  }

  #startCall(key: string, call: JsonObject): readonly CanonicalEvent[] {
    const called = asObject(call['function']);
    const { index, events } = this.#start(key, { type: 'tool-call', id: asString(call['id']) ?? '', name: asString(called['name']) ?? '' });
    const text = asString(called['arguments']) ?? '';
    return text === '' ? events : [...events, { type: 'arguments-delta', index, text }];
  }

  #continueCall(key: string, called: JsonObject): readonly CanonicalEvent[] {
    const index = this.#open.get(key);
    const text = asString(called['arguments']) ?? '';
    return index === undefined || text === '' ? [] : [{ type: 'arguments-delta', index, text }];
  }

  #cite(citation: unknown): readonly CanonicalEvent[] {
    const index = this.#parts.flowing;
    return index === undefined || citation === undefined ? [] : [{ type: 'notes', index, notes: { format: 'cohere-chat', value: [citation] } }];
  }

  #start(key: string, head: PartHead): { readonly index: number; readonly events: readonly CanonicalEvent[] } {
    const started = this.#parts.start(head);
    this.#open.set(key, started.index);
    return started;
  }

  #end(key: string): readonly CanonicalEvent[] {
    const index = this.#open.get(key);
    this.#open.delete(key);
    return index === undefined ? [] : this.#parts.end(index);
  }

  #finish(delta: JsonObject): readonly CanonicalEvent[] {
    const failed = asString(delta['error']);
    if (failed !== undefined) return [{ type: 'error', error: failure('server', failed) }];
    const usage = readCohereUsage(delta['usage']);
    return [
      ...this.#parts.endAll(),
      { type: 'finish', reason: fromCohereFinish(delta['finish_reason']) },
      ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
      { type: 'end' },
    ];
  }
}
