import { toWireUsage, type WireUsage } from '@maru/api/wire';
import type { AnthropicUsage } from './anthropic-wire.ts';

/** Anthropic counts cached tokens beside `input_tokens`, OpenAI as parts of `prompt_tokens`. */
export const fromAnthropicUsage = (usage: AnthropicUsage): WireUsage =>
  toWireUsage({
    inputTokens: usage.input_tokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    outputTokens: usage.output_tokens ?? 0,
    reasoningTokens: 0,
  });

/** Later reports replace earlier ones, field by field. */
export function mergeUsage(earlier: AnthropicUsage, later: AnthropicUsage): AnthropicUsage {
  const known = Object.entries(later).filter(([, value]) => value != null);
  return { ...earlier, ...Object.fromEntries(known) };
}

const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/** OpenAI's finish reason for Anthropic's stop reason. */
export const toFinishReason = (stopReason: string | null | undefined): string => FINISH_REASONS[stopReason ?? ''] ?? 'stop';
