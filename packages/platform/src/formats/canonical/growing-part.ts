import type { PartHead } from './event.ts';
import type { AssistantPart, Seal, TextPart } from './part.ts';

/** A part of a streamed answer: what its start said, and what has come since. */
export interface GrowingPart {
  readonly head: PartHead;
  text: string;
  seal?: Seal;
  notes?: NonNullable<TextPart['notes']>;
}

/** The part as it stands when nothing more comes. */
export function finishPart({ head, text, seal, notes }: GrowingPart): AssistantPart {
  switch (head.type) {
    case 'text':
      return { type: 'text', text, ...(notes === undefined ? {} : { notes }) };
    case 'reasoning':
      return { type: 'reasoning', text, ...(seal === undefined ? {} : { seal }) };
    case 'refusal':
      return { type: 'refusal', text };
    case 'tool-call':
      return { ...head, arguments: text };
    case 'foreign':
      return head;
  }
}
