import { isPlatformError } from '@maru/api/errors';
import { type EventStreamMessage, EventStreamParser } from '#http';
import type { CanonicalEvent, PartHead } from '../canonical/event.ts';
import { failure } from '../canonical/failure.ts';
import type { StreamDecoder } from '../format.ts';
import { asNumber, asObject, asString, isObject, type JsonObject } from '../json-value.ts';
import { unwrapSeal } from '../seal.ts';
import { fromBedrockStop, readBedrockUsage } from './bedrock-answer.ts';
import { decodeBedrockException } from './bedrock-error.ts';

/** The binary event stream of ConverseStream. The answer is complete after `messageStop`; its usage comes after it, in `metadata`. */
export function createBedrockStreamDecoder(): StreamDecoder {
  const parser = new EventStreamParser();
  const reader = new ConverseEvents();
  let over = false;
  const keep = (events: readonly CanonicalEvent[]): readonly CanonicalEvent[] => {
    if (over) return [];
    const last = events.findIndex((event) => event.type === 'end' || event.type === 'error');
    over = last >= 0;
    return over ? events.slice(0, last + 1) : events;
  };
  return {
    push(chunk) {
      if (over) return [];
      try {
        return keep(parser.push(chunk).flatMap((message) => reader.read(message)));
      } catch (thrown) {
        return keep([{ type: 'error', error: failure('garbage', isPlatformError(thrown) ? thrown.message : 'the stream could not be read') }]);
      }
    },
    end() {
      if (reader.stopped && parser.restBytes === 0) return keep([{ type: 'end' }]);
      return keep([{ type: 'error', error: failure('cut', 'the stream ended before the answer was complete') }]);
    },
  };
}

class ConverseEvents {
  /** Blocks of Bedrock by their index, as parts that count up. */
  readonly #open = new Map<number, number>();
  #next = 0;
  stopped = false;

  read({ headers, payload }: EventStreamMessage): readonly CanonicalEvent[] {
    const value = parse(payload);
    const kind = headers[':message-type'];
    if (kind === 'exception' || kind === 'error') {
      const name = headers[':exception-type'] ?? headers[':error-code'] ?? '';
      return [{ type: 'error', error: decodeBedrockException(name, value ?? { message: headers[':error-message'] }) }];
    }
    if (value === undefined) return [{ type: 'error', error: failure('garbage', 'the stream has an event that is not a JSON object') }];
    const index = asNumber(value['contentBlockIndex']) ?? 0;
    switch (headers[':event-type']) {
      case 'messageStart':
        return [{ type: 'start', id: '', model: '' }];
      case 'contentBlockStart':
        return this.#start(index, asObject(value['start']));
      case 'contentBlockDelta':
        return this.#delta(index, asObject(value['delta']));
      case 'contentBlockStop':
        return this.#stop(index);
      case 'messageStop':
        return this.#finish(value);
      case 'metadata': {
        const usage = readBedrockUsage(value['usage']);
        return usage === undefined ? [] : [{ type: 'usage', usage }];
      }
      default:
        return [];
    }
  }

  #start(block: number, start: JsonObject): readonly CanonicalEvent[] {
    const call = start['toolUse'];
    if (!isObject(call)) return [];
    return this.#openPart(block, { type: 'tool-call', id: asString(call['toolUseId']) ?? '', name: asString(call['name']) ?? '' }).events;
  }

  /** Only tool calls are announced; texts and thoughts begin with their first delta. */
  #delta(block: number, delta: JsonObject): readonly CanonicalEvent[] {
    const text = asString(delta['text']);
    if (text !== undefined) {
      const { index, events } = this.#partOf(block, { type: 'text' });
      return text === '' ? events : [...events, { type: 'text-delta', index, text }];
    }
    const input = asString(asObject(delta['toolUse'])['input']);
    if (input !== undefined) {
      const index = this.#open.get(block);
      return index === undefined || input === '' ? [] : [{ type: 'arguments-delta', index, text: input }];
    }
    return isObject(delta['reasoningContent']) ? this.#think(block, delta['reasoningContent']) : [];
  }

  #think(block: number, content: JsonObject): readonly CanonicalEvent[] {
    const { index, events } = this.#partOf(block, { type: 'reasoning' });
    const text = asString(content['text']);
    if (text !== undefined) return text === '' ? events : [...events, { type: 'reasoning-delta', index, text }];
    const signature = asString(content['signature']);
    const value = signature ?? asString(content['redactedContent']);
    if (value === undefined || value === '') return events;
    return [
      ...events,
      { type: 'seal', index, seal: unwrapSeal({ format: 'bedrock-converse', kind: signature === undefined ? 'encrypted' : 'signature', value }) },
    ];
  }

  #partOf(block: number, head: PartHead): { readonly index: number; readonly events: readonly CanonicalEvent[] } {
    const index = this.#open.get(block);
    return index === undefined ? this.#openPart(block, head) : { index, events: [] };
  }

  #openPart(block: number, part: PartHead): { readonly index: number; readonly events: readonly CanonicalEvent[] } {
    const index = this.#next;
    this.#next += 1;
    this.#open.set(block, index);
    return { index, events: [{ type: 'part-start', index, part }] };
  }

  #stop(block: number): readonly CanonicalEvent[] {
    const index = this.#open.get(block);
    this.#open.delete(block);
    return index === undefined ? [] : [{ type: 'part-end', index }];
  }

  #finish(value: JsonObject): readonly CanonicalEvent[] {
    this.stopped = true;
    const open = [...this.#open.keys()].flatMap((block) => this.#stop(block));
    const stopSequence = asString(asObject(value['additionalModelResponseFields'])['stop_sequence']);
    return [...open, { type: 'finish', reason: fromBedrockStop(value['stopReason']), ...(stopSequence === undefined ? {} : { stopSequence }) }];
  }
}

function parse(payload: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
