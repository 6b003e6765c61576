import { describe, expect, it } from 'vitest';
import { promptFacts, promptFactsOf } from './prompt-facts.ts';

const bodyOf = (...contents: unknown[]) => ({ messages: contents.map((content) => ({ role: 'user', content })) });

describe('prompt facts', () => {
  it('computes nothing before it is asked, and the text only once', () => {
    let calls = 0;
    const facts = promptFacts({
      promptBytes: Buffer.from('[{"role":"user","content":"Hi"}]'),
      value: () => {
        calls += 1;
        return bodyOf('Hi');
      },
    });
    expect([facts.promptTokens, calls]).toEqual([8, 0]);

    facts.complexity();
    facts.complexity();

    expect(calls).toBe(1);
    expect(facts.blockHashes()).toBe(facts.blockHashes());
  });

  it('does not look at the text of a very long prompt', () => {
    const facts = promptFacts({ promptBytes: Buffer.alloc(100_000), value: () => expect.fail('the body was parsed') });

    expect(facts.complexity()).toBe('complex');
  });

  it('has one key for prompts with the same beginning, and another one for others', () => {
    const head = 'You are a helpful assistant of the library. '.repeat(100);
    const key = (text: string): number => promptFactsOf(bodyOf(text)).prefixKey();

    expect(key(`${head} one`)).toBe(key(`${head} two`));
    expect(key('short one')).not.toBe(key('short two'));
  });

  it('reads chats with parts, plain prompts and bodies of a wrong form', () => {
    const parts = promptFactsOf(
      bodyOf([
        { type: 'text', text: 'Compare and analyze: why?' },
        { type: 'image_url', image_url: { url: 'x' } },
      ]),
    );

    expect(parts.images).toBe(true);
    expect(parts.complexity()).not.toBe('simple');
    expect(promptFactsOf({ prompt: 'Hello', max_tokens: 7 })).toMatchObject({ maxTokens: 7, tools: false });
    expect(promptFactsOf({ prompt: 'Hello', tools: [{}] }).tools).toBe(true);
    for (const body of [{}, { messages: 'x' }, { messages: [null, 3] }, { messages: [{ role: 'user' }] }, { prompt: 42 }])
      expect(promptFactsOf(body).complexity()).toBe('simple');
  });

  it('takes the last message of the user, not the last message', () => {
    const messages = [
      { role: 'user', content: 'Design, compare, analyze and prove it step by step.' },
      { role: 'assistant', content: 'Done.' },
    ];

    expect(promptFactsOf({ messages }).complexity()).toBe('complex');
    expect(promptFactsOf({ messages: [...messages, { role: 'user', content: 'Thanks' }] }).complexity()).toBe('simple');
  });
});
