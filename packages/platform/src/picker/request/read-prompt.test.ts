import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPrompt } from './read-prompt.ts';

const read = (value: unknown, path = '/v1/chat/completions') => readPrompt(path, Buffer.from(JSON.stringify(value)));

describe('prompt of a request', () => {
  it('is what stands in the messages, without the rest of the body', () => {
    const one = read({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x'.repeat(400) }], max_tokens: 9 });
    const other = read({ messages: [{ role: 'user', content: 'x'.repeat(400) }], model: 'other' });

    expect(one).toMatchObject({ model: 'm', operation: 'chat', facts: { promptTokens: 108, maxTokens: 9 } });
    expect([...Array.from(one.facts.blockHashes())]).toEqual([...Array.from(other.facts.blockHashes())]);
  });

  it('knows the paths whose tokens can be asked for', () => {
    expect(read({ prompt: 'a' }, '/v1/completions').operation).toBe('completions');
    expect(read({ messages: [] }, '/v1/messages').operation).toBeUndefined();
    expect(read({ input: 'a' }, '/v1/embeddings').operation).toBeUndefined();
  });

  it('is empty for what is no JSON object, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant('{"messages":[')), (text) => {
        expect(() => readPrompt('/v1/chat/completions', Buffer.from(text))).not.toThrow();
      }),
    );
    expect(readPrompt('/', Buffer.from('not json'))).toMatchObject({ model: '', promptBytes: 0, operation: undefined });
  });

  it('takes no model that is none, and no limit that is none', () => {
    expect(read({ model: { a: 1 }, max_tokens: -1, max_completion_tokens: 'x', messages: [] })).toMatchObject({ model: '', facts: { maxTokens: undefined } });
  });
});
