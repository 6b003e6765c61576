import { describe, expect, it } from 'vitest';
import { eventsOfChunk } from './chat.ts';

describe('eventsOfChunk', () => {
  it('reads text, sources and usage', () => {
    const source = { citation: 'a.md § B', document: 'a.md', heading: 'B', page: null, text: 'words' };

    expect(eventsOfChunk(JSON.stringify({ choices: [{ delta: { content: 'Hi' } }] }))).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(eventsOfChunk(JSON.stringify({ choices: [{ delta: { sources: [source] } }] }))).toEqual([{ type: 'sources', sources: [source] }]);
    expect(
      eventsOfChunk(
        JSON.stringify({
          choices: [],
          usage: {
            prompt_tokens: 100,
            completion_tokens: 20,
            prompt_tokens_details: { cached_tokens: 64 },
            completion_tokens_details: { reasoning_tokens: 5 },
          },
        }),
      ),
    ).toEqual([{ type: 'usage', usage: { inputTokens: 36, cacheReadTokens: 64, cacheWriteTokens: 0, outputTokens: 15, reasoningTokens: 5 } }]);
  });

  it('passes over chunks that it does not know', () => {
    expect(eventsOfChunk('{"choices":"none"}')).toEqual([]);
    expect(eventsOfChunk('{"choices":[{"delta":{"role":"assistant"}}]}')).toEqual([]);
  });

  it('throws the error that a stream carries', () => {
    expect(() => eventsOfChunk('{"error":{"message":"the engine closed the answer"}}')).toThrow('the engine closed the answer');
  });
});
