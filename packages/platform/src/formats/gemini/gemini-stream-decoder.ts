import type { CanonicalEvent } from '../canonical/event.ts';
import { OpenParts } from '../canonical/open-parts.ts';
import type { AssistantPart } from '../canonical/part.ts';
import type { StreamDecoder } from '../format.ts';
import { asList, asString, isObject, type JsonObject } from '../json-value.ts';
import { createSseDecoder } from '../sse-decoder.ts';
import { camelObject } from './camel-keys.ts';
import { readAnswerPart, readNotes } from './decode-gemini-answer.ts';
import { decodeGeminiError } from './gemini-error.ts';
import { fromGeminiFinish } from './gemini-finish.ts';
import { readGeminiLogprobs } from './gemini-logprobs.ts';
import { readGeminiUsage } from './gemini-usage.ts';

/**
 * The events of `streamGenerateContent?alt=sse`. Gemini writes no end marker: the answer is complete when the connection ends after a
 * finish reason.
 */
export function createGeminiStreamDecoder(): StreamDecoder {
  const chunks = new GeminiChunks();
  return createSseDecoder({ read: (value) => chunks.read(camelObject(value)), atEnd: () => chunks.end() });
}

class GeminiChunks {
  readonly #parts = new OpenParts();
  #started = false;
  #id = '';
  #calls = 0;
  #reason: string | undefined;

  read(chunk: JsonObject): readonly CanonicalEvent[] {
    if (isObject(chunk['error'])) return [{ type: 'error', error: decodeGeminiError(200, chunk) }];
    const out: CanonicalEvent[] = [...this.#start(chunk)];
    const candidate = camelObject(asList(chunk['candidates'])[0]);
    for (const part of asList(camelObject(candidate['content'])['parts'])) this.#readPart(camelObject(part), out);
    const index = this.#parts.flowing;
    const notes = readNotes(candidate);
    if (notes.length > 0 && index !== undefined) out.push({ type: 'notes', index, notes: { format: 'gemini', value: notes } });
    const logprobs = readGeminiLogprobs(candidate['logprobsResult']);
    if (logprobs !== undefined) out.push({ type: 'logprobs', index: index ?? 0, logprobs });
    const blocked = asString(camelObject(chunk['promptFeedback'])['blockReason']);
    this.#reason = asString(candidate['finishReason']) ?? (blocked === undefined ? undefined : 'SAFETY') ?? this.#reason;
    const usage = readGeminiUsage(chunk['usageMetadata']);
    if (usage !== undefined) out.push({ type: 'usage', usage });
    return out;
  }

  /** Usage may follow the finish reason, so the answer ends with the connection and not before. */
  end(): readonly CanonicalEvent[] {
    if (this.#reason === undefined) return [];
    return [...this.#parts.endAll(), { type: 'finish', reason: fromGeminiFinish(this.#reason, this.#calls > 0) }, { type: 'end' }];
  }

  #start(chunk: JsonObject): readonly CanonicalEvent[] {
    if (this.#started) return [];
    this.#started = true;
    this.#id = asString(chunk['responseId']) ?? '';
    return [{ type: 'start', id: this.#id, model: asString(chunk['modelVersion']) ?? '' }];
  }

  #readPart(value: JsonObject, out: CanonicalEvent[]): void {
    const ofThought = value['thought'] === true;
    for (const part of readAnswerPart(value, `${this.#id}${this.#calls}`)) this.#emit(part, ofThought, out);
  }

  #emit(part: AssistantPart, ofThought: boolean, out: CanonicalEvent[]): void {
    switch (part.type) {
      case 'text':
        out.push(...this.#parts.add('text', part.text));
        return;
      case 'reasoning':
        if (part.text !== '') out.push(...this.#parts.add('reasoning', part.text));
        // A signature that is not marked as a thought belongs to what follows, not to the thought before it.
        else if (!ofThought) out.push(...this.#parts.endFlowing());
        if (part.seal !== undefined) out.push(...this.#parts.seal(part.seal), ...this.#parts.endFlowing());
        return;
      case 'tool-call': {
        this.#calls += 1;
        const { index, events } = this.#parts.start({ type: 'tool-call', id: part.id, name: part.name });
        out.push(...events, { type: 'arguments-delta', index, text: part.arguments }, ...this.#parts.end(index));
        return;
      }
      case 'foreign': {
        const { index, events } = this.#parts.start(part);
        out.push(...events, ...this.#parts.end(index));
        return;
      }
      case 'refusal':
        return;
    }
  }
}
