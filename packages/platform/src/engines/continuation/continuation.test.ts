import { describe, expect, it } from 'vitest';
import { PROVIDER_TABLE } from '../providers/provider-table.ts';
import { continuationOf } from './continuation.ts';

const of = (provider: keyof typeof PROVIDER_TABLE, servedName: string, declared?: Parameters<typeof continuationOf>[0]['declared']): string =>
  continuationOf({ declared, entry: PROVIDER_TABLE[provider], servedName })?.how ?? 'none';

describe('continuationOf', () => {
  it.each([
    ['anthropic', 'claude-3-haiku-20240307', 'prefill'],
    ['anthropic', 'claude-3-7-sonnet-latest', 'prefill'],
    ['anthropic', 'claude-sonnet-4-20250514', 'prefill'],
    ['anthropic', 'claude-opus-4-1', 'prefill'],
    ['anthropic', 'claude-haiku-4-5-20251001', 'prefill'],
    ['anthropic', 'claude-opus-4-6', 'none'],
    ['anthropic', 'claude-sonnet-4-6-20260205', 'none'],
    ['anthropic', 'claude-opus-5-5', 'none'],
    ['anthropic', 'claude-fable-5', 'none'],
    ['bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 'prefill'],
    ['bedrock', 'anthropic.claude-3-5-sonnet-20241022-v2:0', 'prefill'],
    ['bedrock', 'us.anthropic.claude-opus-4-6-v1', 'none'],
    ['bedrock', 'amazon.nova-pro-v1:0', 'none'],
    ['vertex', 'claude-sonnet-4-5@20250929', 'prefill'],
    ['vertex', 'gemini-2.5-pro', 'none'],
    ['mistral', 'mistral-large-latest', 'prefix'],
    ['deepseek', 'deepseek-chat', 'prefix'],
    ['moonshot', 'kimi-k2-0905-preview', 'partial'],
    ['qwen', 'qwen-plus', 'partial'],
    ['qwen', 'qwen3-vl-plus', 'none'],
    ['vllm', 'anything', 'continue-final-message'],
    ['sglang', 'anything', 'continue-final-message'],
    ['openai', 'gpt-5', 'none'],
    ['openai-compatible', 'anything', 'none'],
  ] as const)('%s, %s: %s', (provider, model, how) => {
    expect(of(provider, model)).toBe(how);
  });

  it('is what the Model says, before what is known of its provider', () => {
    expect(of('vllm', 'm', 'none')).toBe('none');
    expect(of('openai-compatible', 'm', 'continue-final-message')).toBe('continue-final-message');
    expect(of('anthropic', 'claude-next', 'prefill')).toBe('prefill');
  });

  it('keeps the habits of a provider for models that only a person knows', () => {
    expect(continuationOf({ declared: 'prefill', entry: PROVIDER_TABLE.anthropic, servedName: 'claude-next' })).toMatchObject({ trims: true });
    expect(continuationOf({ declared: undefined, entry: PROVIDER_TABLE.mistral, servedName: 'm' })).toMatchObject({ echoes: true });
  });
});
