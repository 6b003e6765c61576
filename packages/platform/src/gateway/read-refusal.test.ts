import { describe, expect, it } from 'vitest';
import { refusalCode } from './read-refusal.ts';

const of = (message: string, status = 400, more: object = {}): string => refusalCode(status, Buffer.from(JSON.stringify({ error: { message, ...more } })));

describe('a refusal', () => {
  it.each([
    ['OpenAI', "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens."],
    ['Anthropic', 'prompt is too long: 210000 tokens > 200000 maximum'],
    ['vLLM', "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"],
    ['Gemini', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
    ['Bedrock', 'Input is too long for requested model.'],
    ['llama.cpp', 'the request exceeds the available context size. try increasing the context size'],
  ])('tells that a prompt is too long, in the words of %s', (_vendor, message) => {
    expect(of(message)).toBe('context_length_exceeded');
  });

  it.each([
    ['Azure', "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", { code: 'content_filter' }],
    ['OpenAI', 'Your request was rejected as a result of our safety system.', { code: 'content_policy_violation' }],
    ['Azure, inner code', 'refused', { innererror: { code: 'ResponsibleAIPolicyViolation' } }],
  ])('tells that a content filter refused it, in the words of %s', (_vendor, message, more) => {
    expect(of(message, 400, more)).toBe('content_filtered');
  });

  it('is only a refusal where nothing more is known, or where the status says all', () => {
    expect(of('temperature must be below 2')).toBe('upstream_rejected');
    expect(of('prompt is too long', 500)).toBe('upstream_rejected');
    expect(of('slow down', 429)).toBe('rate_limited');
    expect(refusalCode(400, Buffer.alloc(0))).toBe('upstream_rejected');
    expect(refusalCode(413, Buffer.from('prompt is too long'))).toBe('context_length_exceeded');
  });
});
