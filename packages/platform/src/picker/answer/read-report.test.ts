import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchAnswer } from './answer-watch.ts';

const usageOf = (text: string, cut = 1000) => {
  const watch = watchAnswer();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += cut) watch.push(bytes.subarray(at, at + cut));
  return watch.usage();
};

const CHAT = '"usage":{"prompt_tokens":100,"total_tokens":120,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":64}}';

describe('usage of an answer', () => {
  it('is found in a whole answer, wherever its text stands', () => {
    expect(usageOf(`{${CHAT},"choices":[{"message":{"content":"short"}}]}`)).toMatchObject({ inputTokens: 36, cacheReadTokens: 64, outputTokens: 20 });
    expect(usageOf(`{"choices":[{"message":{"content":"${'x'.repeat(200_000)}"}}], "usage" : ${CHAT.slice(8)}}`)).toMatchObject({ cacheReadTokens: 64 });
  });

  it('is the last one of a stream that also has empty ones', () => {
    const events = ['{"choices":[{"delta":{"content":"a"}}],"usage":null}', `{"choices":[],${CHAT}}`, '[DONE]'];
    expect(usageOf(events.map((event) => `data: ${event}\n\n`).join(''))).toMatchObject({ inputTokens: 36, cacheReadTokens: 64 });
  });

  it('is not what a text of the answer says', () => {
    expect(usageOf('{"choices":[{"message":{"content":"\\"usage\\":{\\"prompt_tokens\\":5}"}}]}')).toBeUndefined();
  });

  it('joins the first and the last event of an Anthropic stream', () => {
    const first = 'event: message_start\ndata: {"message":{"usage":{"input_tokens":7,"cache_read_input_tokens":90,"output_tokens":1}}}\n\n';
    const text = 'event: content_block_delta\ndata: {"delta":{"text":"abcdef"}}\n\n'.repeat(1000);
    const last = 'event: message_delta\ndata: {"usage":{"output_tokens":40}}\n\n';
    expect(usageOf(first + text + last)).toMatchObject({ inputTokens: 7, cacheReadTokens: 90, outputTokens: 40 });
  });

  it('reads the responses format, whose cached tokens are a part of the input', () => {
    expect(usageOf('{"usage":{"input_tokens":50,"input_tokens_details":{"cached_tokens":32},"output_tokens":5}}')).toMatchObject({
      inputTokens: 18,
      cacheReadTokens: 32,
      outputTokens: 5,
    });
  });

  it('is the same however the answer was cut, and never throws', () => {
    const text = `{"choices":[{"message":{"content":"${'y'.repeat(3000)}"}}],${CHAT}}`;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (cut) => {
        expect(usageOf(text, cut)?.cacheReadTokens).toBe(64);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom('"usage"', ':', '{', '}', '"prompt_tokens"', '5', '-1', 'null', ',', ' ')), (parts) => {
        const usage = usageOf(parts.join(''));
        expect(usage === undefined || usage.inputTokens >= 0).toBe(true);
      }),
    );
  });
});
