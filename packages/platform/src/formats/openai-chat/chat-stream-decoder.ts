import type { CanonicalEvent } from '../canonical/event.ts';
import { OpenParts } from '../canonical/open-parts.ts';
import type { ReasoningPart } from '../canonical/part.ts';
import type { StreamDecoder } from '../format.ts';
import { asList, asNumber, asObject, asString, isObject, type JsonObject } from '../json-value.ts';
import { createSseDecoder } from '../sse-decoder.ts';
import { readThinkingBlock } from '../thinking-block.ts';
import { fromChatFinish } from './chat-finish.ts';
import { readLogprobs } from './chat-logprobs.ts';
import { decodeContentPart, missingCallId } from './decode-chat-answer.ts';
import { decodeOpenaiError } from './openai-error.ts';
import { readChatUsage } from './openai-usage.ts';

/** Reads the chunks of a streamed chat. The answer is complete at `[DONE]`, and only there. */
export function createChatStreamDecoder(): StreamDecoder {
  const chunks = new ChatChunks();
  return createSseDecoder({ read: (value, event) => chunks.read(value, event.event), readMarker: (data) => (data === '[DONE]' ? chunks.done() : undefined) });
}

interface OpenCall {
  readonly id: string;
  readonly index: number;
  text: string;
}

class ChatChunks {
  readonly #parts = new OpenParts();
  readonly #calls = new Map<number, OpenCall>();
  #started = false;
  #id = '';
  #refused = false;
  #finished = false;
  #callCount = 0;
  /** What flowed since the last reasoning part began: a sealed block repeats it. */
  #thought = '';

  read(chunk: JsonObject, eventName: string | undefined): readonly CanonicalEvent[] {
    if (isObject(chunk['error']) || typeof chunk['error'] === 'string' || eventName === 'error' || chunk['object'] === 'error') {
      return [
        { type: 'error', error: decodeOpenaiError(asNumber(asObject(chunk['error'])['status']) ?? asNumber(asObject(chunk['error'])['code']) ?? 502, chunk) },
      ];
    }
    const out: CanonicalEvent[] = [...this.#start(chunk)];
    const choice = asObject(asList(chunk['choices'])[0]);
    if (isObject(choice['delta'])) this.#readDelta(choice['delta'], out);
    const logprobs = readLogprobs(asObject(choice['logprobs'])['content']);
    if (logprobs !== undefined) out.push({ type: 'logprobs', index: this.#parts.flowing ?? 0, logprobs });
    if (typeof choice['finish_reason'] === 'string') this.#finish(choice, out);
    const usage = readChatUsage(chunk['usage']);
    if (usage !== undefined) out.push({ type: 'usage', usage });
    return out;
  }

  done(): readonly CanonicalEvent[] {
    const open = this.#parts.endAll();
    return this.#finished ? [...open, { type: 'end' }] : [...open, { type: 'finish', reason: 'other' }, { type: 'end' }];
  }

  #start(chunk: JsonObject): readonly CanonicalEvent[] {
    if (this.#started) return [];
    this.#started = true;
    this.#id = asString(chunk['id']) ?? '';
    const createdS = asNumber(chunk['created']);
    return [{ type: 'start', id: this.#id, model: asString(chunk['model']) ?? '', ...(createdS === undefined ? {} : { createdS }) }];
  }

  #readDelta(delta: JsonObject, out: CanonicalEvent[]): void {
    const blocks = [...asList(delta['thinking_blocks']), ...asList(delta['reasoning_details'])].flatMap(readThinkingBlock);
    for (const block of blocks) this.#readBlock(block, out);
    const reasoning = asString(delta['reasoning_content']) ?? asString(delta['reasoning']);
    if (blocks.length === 0 && reasoning !== undefined && reasoning !== '') this.#think(reasoning, out);
    const { content } = delta;
    if (typeof content === 'string') this.#say(content, out);
    else for (const part of asList(content).flatMap(decodeContentPart)) part.type === 'text' ? this.#say(part.text, out) : this.#think(part.text, out);
    const refusal = asString(delta['refusal']);
    if (refusal !== undefined && refusal !== '') {
      this.#refused = true;
      out.push(...this.#parts.add('refusal', refusal));
    }
    for (const call of asList(delta['tool_calls'])) this.#readCall(asObject(call), out);
    if (isObject(delta['function_call'])) this.#readCall({ index: 0, function: delta['function_call'] }, out);
    if (isObject(delta['audio'])) this.#foreign({ audio: delta['audio'] }, out);
  }

  #say(text: string, out: CanonicalEvent[]): void {
    if (text === '') return;
    this.#thought = '';
    out.push(...this.#parts.add('text', text));
  }

  #think(text: string, out: CanonicalEvent[]): void {
    this.#thought += text;
    out.push(...this.#parts.add('reasoning', text));
  }

  /** A sealed block stands for the reasoning that flowed before it when it repeats it; else it is reasoning of its own. */
  #readBlock(block: ReasoningPart, out: CanonicalEvent[]): void {
    const { seal, text } = block;
    if (seal === undefined) {
      this.#think(text, out);
      return;
    }
    if (text !== '' && text !== this.#thought) out.push(...this.#parts.add('reasoning', text));
    else if (text === '' && seal.kind === 'encrypted') out.push(...this.#parts.endFlowing());
    out.push(...this.#parts.seal(seal), ...this.#parts.endFlowing());
    this.#thought = '';
  }

  #readCall(call: JsonObject, out: CanonicalEvent[]): void {
    const called = asObject(call['function'] ?? call['custom']);
    const given = called['arguments'] ?? called['input'];
    const text = isObject(given) ? JSON.stringify(given) : (asString(given) ?? '');
    const open = this.#findCall(call, called, out);
    if (text === '') return;
    open.text += text;
    out.push({ type: 'arguments-delta', index: open.index, text });
  }

  /** Some servers count every call as index 0, or give no index; a new id is a new call all the same. */
  #findCall(call: JsonObject, called: JsonObject, out: CanonicalEvent[]): OpenCall {
    const id = asString(call['id']) || undefined;
    const key = asNumber(call['index']) ?? (id === undefined ? this.#callCount - 1 : this.#callCount);
    const known = this.#calls.get(key);
    if (known !== undefined && (id === undefined || id === known.id)) return known;
    this.#endWholeCalls(out);
    const custom = call['type'] === 'custom';
    const callId = id ?? missingCallId(this.#id, this.#callCount);
    const started = this.#parts.start({ type: 'tool-call', id: callId, name: asString(called['name']) ?? '', ...(custom ? { custom } : {}) });
    out.push(...started.events);
    const open: OpenCall = { id: callId, index: started.index, text: '' };
    this.#calls.set(key, open);
    this.#callCount += 1;
    return open;
  }

  /** The chat API does not say where a call ends; one whose arguments are whole JSON can not go on. */
  #endWholeCalls(out: CanonicalEvent[]): void {
    for (const call of this.#calls.values()) if (isWholeJson(call.text)) out.push(...this.#parts.end(call.index));
  }

  #foreign(value: JsonObject, out: CanonicalEvent[]): void {
    const { index, events } = this.#parts.start({ type: 'foreign', format: 'openai-chat', value });
    out.push(...events, ...this.#parts.end(index));
  }

  #finish(choice: JsonObject, out: CanonicalEvent[]): void {
    if (this.#finished) return;
    this.#finished = true;
    out.push(...this.#parts.endAll());
    const reason = fromChatFinish(choice['finish_reason'], this.#refused);
    const stopSequence = reason === 'stop' ? asString(choice['stop_reason']) : undefined;
    out.push(stopSequence === undefined ? { type: 'finish', reason } : { type: 'finish', reason: 'stop-sequence', stopSequence });
  }
}

function isWholeJson(text: string): boolean {
  if (!text.endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
