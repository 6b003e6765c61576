import type { CanonicalAnswer } from './answer.ts';
import type { CanonicalEvent, PartHead } from './event.ts';
import type { AssistantPart } from './part.ts';

/** The stream that a whole answer would have been: for answers out of a cache, and for providers that do not stream. */
export function toEvents(answer: CanonicalAnswer): readonly CanonicalEvent[] {
  const { id, model, createdS, logprobs, usage, finishReason, stopSequence } = answer;
  const logprobsAt = answer.parts.findIndex((part) => part.type === 'text');
  return [
    { type: 'start', id, model, ...(createdS === undefined ? {} : { createdS }) },
    ...answer.parts.flatMap((part, index) => [
      { type: 'part-start' as const, index, part: toHead(part) },
      ...toDeltas(part, index),
      ...(logprobs !== undefined && index === logprobsAt ? [{ type: 'logprobs' as const, index, logprobs }] : []),
      { type: 'part-end' as const, index },
    ]),
    { type: 'finish', reason: finishReason, ...(stopSequence === undefined ? {} : { stopSequence }) },
    ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
    { type: 'end' },
  ];
}

function toHead(part: AssistantPart): PartHead {
  if (part.type === 'foreign') return part;
  if (part.type !== 'tool-call') return { type: part.type };
  return { type: 'tool-call', id: part.id, name: part.name, ...(part.custom === true ? { custom: true } : {}) };
}

function toDeltas(part: AssistantPart, index: number): CanonicalEvent[] {
  switch (part.type) {
    case 'text':
      return [
        ...(part.text === '' ? [] : [{ type: 'text-delta' as const, index, text: part.text }]),
        ...(part.notes === undefined ? [] : [{ type: 'notes' as const, index, notes: part.notes }]),
      ];
    case 'reasoning':
      return [
        ...(part.text === '' ? [] : [{ type: 'reasoning-delta' as const, index, text: part.text }]),
        ...(part.seal === undefined ? [] : [{ type: 'seal' as const, index, seal: part.seal }]),
      ];
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'refusal-delta', index, text: part.text }];
    case 'tool-call':
      return part.arguments === '' ? [] : [{ type: 'arguments-delta', index, text: part.arguments }];
    case 'foreign':
      return [];
  }
}
