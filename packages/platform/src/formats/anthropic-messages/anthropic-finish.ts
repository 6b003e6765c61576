import type { FinishReason } from '../canonical/answer.ts';

const FROM: Readonly<Record<string, FinishReason>> = Object.freeze({
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'context',
  tool_use: 'tool-calls',
  refusal: 'refusal',
  pause_turn: 'pause',
});

const TO: Readonly<Record<FinishReason, string>> = Object.freeze({
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  context: 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  'content-filter': 'refusal',
  pause: 'pause_turn',
  error: 'end_turn',
  other: 'end_turn',
});

export const fromStopReason = (reason: unknown): FinishReason => (typeof reason === 'string' ? (FROM[reason] ?? 'other') : 'other');

export const toStopReason = (reason: FinishReason): string => TO[reason];
