import { describe, expect, it } from 'vitest';
import { readChat } from './read-chat.ts';

describe('chunks of a chat', () => {
  it('reads text, sources and usage', () => {
    const source = { citation: 'a.md § B', document: 'a.md', heading: 'B', page: null, text: 'words' };

    expect(readChat({ choices: [{ delta: { content: 'Hi' } }] })).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(readChat({ choices: [{ delta: { sources: [source] } }] })).toEqual([{ type: 'sources', sources: [source] }]);
    expect(
      readChat({
        choices: [],
        usage: {
          prompt_tokens: 100,
          completion_tokens: 20,
          prompt_tokens_details: { cached_tokens: 64 },
          completion_tokens_details: { reasoning_tokens: 5 },
        },
      }),
    ).toEqual([{ type: 'usage', usage: { inputTokens: 36, cacheReadTokens: 64, cacheWriteTokens: 0, outputTokens: 15, reasoningTokens: 5 } }]);
  });

  it('reads tool calls, also of a whole answer', () => {
    const call = { function: { name: 'weather', arguments: '{"city"' } };

    expect(readChat({ choices: [{ delta: { tool_calls: [call] } }] })).toEqual([
      { type: 'call-start', name: 'weather' },
      { type: 'call-delta', text: '{"city"' },
    ]);
    expect(readChat({ choices: [{ message: { content: 'Hello', tool_calls: [] } }] })).toEqual([{ type: 'text', text: 'Hello' }]);
  });

  it('passes over chunks that it does not know', () => {
    expect(readChat({ choices: 'none' })).toEqual([]);
    expect(readChat({ choices: [{ delta: { role: 'assistant' } }] })).toEqual([]);
  });
});
