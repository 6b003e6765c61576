import type { FinishReason } from '../canonical/answer.ts';

const FROM: Readonly<Record<string, FinishReason>> = Object.freeze({
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  length: 'length',
  model_length: 'context',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
});

const TO: Readonly<Record<FinishReason, string>> = Object.freeze({
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  context: 'length',
  'tool-calls': 'tool_calls',
  refusal: 'content_filter',
  'content-filter': 'content_filter',
  pause: 'stop',
  error: 'error',
  other: 'stop',
});

/** The finish reason of a choice; `refused` says that it holds a refusal. */
export function fromChatFinish(reason: unknown, refused: boolean): FinishReason {
  const known = typeof reason === 'string' ? (FROM[reason] ?? 'other') : 'other';
  return known === 'stop' && refused ? 'refusal' : known;
}

/** OpenAI ends a refusal in words with `stop`; a refusal without words is a filtered answer. */
export const toChatFinish = (reason: FinishReason, refused: boolean): string => (reason === 'refusal' && refused ? 'stop' : TO[reason]);
