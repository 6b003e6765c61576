import type { Usage } from '@maru/api/records';
import type { CanonicalAnswer, FinishReason, TokenLogprob } from './answer.ts';
import type { CanonicalError } from './error.ts';
import type { CanonicalEvent } from './event.ts';
import { finishPart, type GrowingPart } from './growing-part.ts';

/** Puts the events of a stream together into the answer that they tell. */
export class AnswerCollector {
  readonly #parts = new Map<number, GrowingPart>();
  #start: { readonly id: string; readonly model: string; readonly createdS?: number } = { id: '', model: '' };
  #finish: { readonly reason: FinishReason; readonly stopSequence?: string } | undefined;
  #usage: Usage | undefined;
  #logprobs: TokenLogprob[] | undefined;
  /** The answer is whole: its end was seen. */
  complete = false;
  /** Why the stream broke off. */
  error: CanonicalError | undefined;

  take(event: CanonicalEvent): void {
    switch (event.type) {
      case 'start':
        this.#start = { id: event.id, model: event.model, ...(event.createdS === undefined ? {} : { createdS: event.createdS }) };
        this.#usage = event.usage ?? this.#usage;
        return;
      case 'part-start':
        this.#parts.set(event.index, { head: event.part, text: '' });
        return;
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
      case 'arguments-delta':
        this.#change(event.index, (part) => {
          part.text += event.text;
        });
        return;
      case 'seal':
        this.#change(event.index, (part) => {
          part.seal = event.seal;
        });
        return;
      case 'notes':
        this.#change(event.index, (part) => {
          part.notes = { format: event.notes.format, value: [...(part.notes?.value ?? []), ...event.notes.value] };
        });
        return;
      case 'logprobs':
        this.#logprobs ??= [];
        for (const logprob of event.logprobs) this.#logprobs.push(logprob);
        return;
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'finish':
        this.#finish = { reason: event.reason, ...(event.stopSequence === undefined ? {} : { stopSequence: event.stopSequence }) };
        return;
      case 'end':
        this.complete = true;
        return;
      case 'error':
        this.error = event.error;
        return;
      case 'part-end':
        return;
    }
  }

  /** What has come so far; a whole answer only when `complete` is true. */
  get answer(): CanonicalAnswer {
    return {
      ...this.#start,
      parts: [...this.#parts].sort(([left], [right]) => left - right).map(([, part]) => finishPart(part)),
      finishReason: this.#finish?.reason ?? 'other',
      ...(this.#finish?.stopSequence === undefined ? {} : { stopSequence: this.#finish.stopSequence }),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(this.#logprobs === undefined ? {} : { logprobs: this.#logprobs }),
    };
  }

  #change(index: number, change: (part: GrowingPart) => void): void {
    const part = this.#parts.get(index);
    if (part !== undefined) change(part);
  }
}
