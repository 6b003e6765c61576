import { describe, expect, it } from 'vitest';
import { conversationOf } from './conversation.ts';

describe('conversation', () => {
  it('is the last text of the user and the number of messages', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'First' },
      { role: 'assistant', content: 'Yes' },
      { role: 'user', content: [{ type: 'text', text: 'Second' }, { type: 'image_url' }, 'third', 4, null] },
    ];

    expect(conversationOf({ messages })).toEqual({ turns: 4, text: 'Second\n\nthird\n\n' });
  });

  it('is the prompt of a completion', () => {
    expect(conversationOf({ prompt: 'Once' })).toEqual({ turns: 1, text: 'Once' });
    expect(conversationOf({ prompt: ['Once', 'Twice'] })).toEqual({ turns: 1, text: 'Once\nTwice' });
  });

  it.each([undefined, null, 3, 'x', [], {}, { messages: {} }, { messages: [undefined, null, 'x', { role: 'user', content: 5 }] }])(
    'is empty for a body of a wrong form: %j',
    (body) => {
      expect(conversationOf(body).text).toBe('');
    },
  );

  it('reads the Responses API and Gemini too', () => {
    expect(conversationOf({ input: 'Prove it.' })).toEqual({ turns: 1, text: 'Prove it.' });
    expect(conversationOf({ input: [{ role: 'user', content: [{ type: 'input_text', text: 'Why?' }] }, { type: 'function_call' }] })).toEqual({
      turns: 2,
      text: 'Why?',
    });
    expect(conversationOf({ contents: [{ role: 'user', parts: [{ text: 'Why?' }] }] })).toEqual({ turns: 1, text: 'Why?' });
  });
});
