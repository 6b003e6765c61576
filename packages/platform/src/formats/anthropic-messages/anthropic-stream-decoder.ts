import type { CanonicalEvent } from '../canonical/event.ts';
import type { StreamDecoder } from '../format.ts';
import { asNumber, asObject, asString, isObject, type JsonObject } from '../json-value.ts';
import { unwrapSeal } from '../seal.ts';
import { createSseDecoder } from '../sse-decoder.ts';
import { decodeAnthropicError } from './anthropic-error.ts';
import { fromStopReason } from './anthropic-finish.ts';
import { mergeAnthropicUsage, readAnthropicUsage } from './anthropic-usage.ts';

const FORMAT = 'anthropic-messages';

/** Reads the events of a streamed message. The answer is complete at `message_stop`, and only there. */
export function createAnthropicStreamDecoder(): StreamDecoder {
  const blocks = new MessageBlocks();
  return createSseDecoder({ read: (event) => blocks.read(event) });
}

/** A block that has begun: a part of the answer, or one of Anthropic's own kinds, which is given on whole. */
type Open = { readonly index: number; wrote: boolean; readonly toolInput?: JsonObject } | { readonly foreign: JsonObject; json: string };

class MessageBlocks {
  readonly #open = new Map<number, Open>();
  #next = 0;
  #usage: JsonObject = {};
  #finished = false;

  read(event: JsonObject): readonly CanonicalEvent[] {
    switch (event['type']) {
      case 'message_start':
        return this.#start(asObject(event['message']));
      case 'content_block_start':
        return this.#startBlock(asNumber(event['index']) ?? 0, asObject(event['content_block']));
      case 'content_block_delta':
        return this.#continueBlock(this.#open.get(asNumber(event['index']) ?? 0), asObject(event['delta']));
      case 'content_block_stop':
        return this.#endBlock(asNumber(event['index']) ?? 0);
      case 'message_delta':
        return this.#finish(event);
      case 'message_stop':
        return this.#finished ? [{ type: 'end' }] : [{ type: 'finish', reason: 'other' }, { type: 'end' }];
      case 'error':
        return [{ type: 'error', error: decodeAnthropicError(0, event) }];
      default:
        return [];
    }
  }

  #start(message: JsonObject): readonly CanonicalEvent[] {
    this.#usage = asObject(message['usage']);
    const usage = readAnthropicUsage(this.#usage);
    return [{ type: 'start', id: asString(message['id']) ?? '', model: asString(message['model']) ?? '', ...(usage === undefined ? {} : { usage }) }];
  }

  #startBlock(at: number, block: JsonObject): readonly CanonicalEvent[] {
    const index = this.#next;
    const open = (part: Extract<CanonicalEvent, { type: 'part-start' }>['part'], more: readonly CanonicalEvent[] = []): readonly CanonicalEvent[] => {
      this.#next += 1;
      const toolInput = part.type === 'tool-call' ? { toolInput: asObject(block['input']) } : {};
      this.#open.set(at, { index, wrote: false, ...toolInput });
      return [{ type: 'part-start', index, part }, ...more];
    };
    switch (block['type']) {
      case 'text': {
        const text = asString(block['text']) ?? '';
        return open({ type: 'text' }, text === '' ? [] : [{ type: 'text-delta', index, text }]);
      }
      case 'thinking': {
        const text = asString(block['thinking']) ?? '';
        return open({ type: 'reasoning' }, text === '' ? [] : [{ type: 'reasoning-delta', index, text }]);
      }
      case 'redacted_thinking':
        return open({ type: 'reasoning' }, [
          { type: 'seal', index, seal: unwrapSeal({ format: FORMAT, kind: 'encrypted', value: asString(block['data']) ?? '' }) },
        ]);
      case 'tool_use':
        return open({ type: 'tool-call', id: asString(block['id']) ?? '', name: asString(block['name']) ?? '' });
      default:
        this.#open.set(at, { foreign: block, json: '' });
        return [];
    }
  }

  #continueBlock(open: Open | undefined, delta: JsonObject): readonly CanonicalEvent[] {
    if (open === undefined) return [];
    if ('foreign' in open) {
      open.json += asString(delta['partial_json']) ?? '';
      return [];
    }
    const { index } = open;
    open.wrote = true;
    switch (delta['type']) {
      case 'text_delta':
        return [{ type: 'text-delta', index, text: asString(delta['text']) ?? '' }];
      case 'thinking_delta':
        return [{ type: 'reasoning-delta', index, text: asString(delta['thinking']) ?? '' }];
      case 'signature_delta': {
        const value = asString(delta['signature']) ?? '';
        return value === '' ? [] : [{ type: 'seal', index, seal: unwrapSeal({ format: FORMAT, kind: 'signature', value }) }];
      }
      case 'input_json_delta': {
        const text = asString(delta['partial_json']) ?? '';
        return text === '' ? [] : [{ type: 'arguments-delta', index, text }];
      }
      case 'citations_delta':
        return [{ type: 'notes', index, notes: { format: FORMAT, value: [delta['citation']] } }];
      default:
        return [];
    }
  }

  #endBlock(at: number): readonly CanonicalEvent[] {
    const open = this.#open.get(at);
    if (open === undefined) return [];
    this.#open.delete(at);
    if ('foreign' in open) return this.#endForeign(open.foreign, open.json);
    const { index, toolInput } = open;
    // A call without deltas has its input in its head: empty for a tool without arguments, whole with some vendors.
    const rest: readonly CanonicalEvent[] = toolInput === undefined || open.wrote ? [] : [{ type: 'arguments-delta', index, text: JSON.stringify(toolInput) }];
    return [...rest, { type: 'part-end', index }];
  }

  #endForeign(block: JsonObject, json: string): readonly CanonicalEvent[] {
    const index = this.#next;
    this.#next += 1;
    const value = json === '' ? block : { ...block, input: parseInput(json) };
    return [
      { type: 'part-start', index, part: { type: 'foreign', format: FORMAT, value } },
      { type: 'part-end', index },
    ];
  }

  #finish(event: JsonObject): readonly CanonicalEvent[] {
    const delta = asObject(event['delta']);
    const out: CanonicalEvent[] = [];
    if (isObject(event['usage'])) {
      this.#usage = mergeAnthropicUsage(this.#usage, event['usage']);
      const usage = readAnthropicUsage(this.#usage);
      if (usage !== undefined) out.push({ type: 'usage', usage });
    }
    if (typeof delta['stop_reason'] === 'string' && !this.#finished) {
      this.#finished = true;
      const stopSequence = asString(delta['stop_sequence']);
      out.push({ type: 'finish', reason: fromStopReason(delta['stop_reason']), ...(stopSequence === undefined ? {} : { stopSequence }) });
    }
    return out;
  }
}

function parseInput(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}
