import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import { AnswerCollector } from '../canonical/answer-collector.ts';
import { toEvents } from '../canonical/answer-events.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import { openaiCompletions as format } from './openai-completions.ts';

const BODY = { model: 'm', prompt: 'Once', max_tokens: 5, temperature: 0, stop: ['.'], seed: 1, logprobs: 2, top_p: 0.9, n: 1, user: 'u' };
const request: CanonicalRequest = format.decodeRequest(BODY).request;
const context = { id: 'abc', createdS: 5, request: { ...request, streamUsage: true } };
const answer: CanonicalAnswer = {
  id: 'cmpl-abc',
  model: 'm-1',
  parts: [{ type: 'text', text: ' upon a time' }],
  finishReason: 'length',
  usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 3, reasoningTokens: 0 },
  logprobs: [
    { token: ' upon', logprob: -0.5, top: [{ token: ' upon', logprob: -0.5 }] },
    { token: ' a', logprob: -0.25 },
  ],
  createdS: 5,
};

const refusal = (body: unknown): unknown => {
  try {
    return format.decodeRequest(body);
  } catch (error) {
    return isPlatformError(error, 'invalid_request') ? error.details['param'] : error;
  }
};

describe('wire format openai-completions', () => {
  it('reads a prompt as a message of the user and writes it back', () => {
    expect(request.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Once' }] }]);
    expect(format.encodeRequest(request)).toEqual({ body: BODY, dropped: [] });
    expect(format.decodeRequest({ ...BODY, prompt: ['Once'] }).request).toEqual(request);
  });

  it('keeps what only text completions know', () => {
    const decoded = format.decodeRequest({ ...BODY, suffix: 'end', echo: true }).request;

    expect(decoded.extra).toEqual({ format: 'openai-completions', fields: { suffix: 'end', echo: true } });
    expect(format.encodeRequest(decoded).body).toMatchObject({ suffix: 'end', echo: true });
  });

  it.each([
    ['several prompts', { ...BODY, prompt: ['a', 'b'] }, 'prompt'],
    ['tokens', { ...BODY, prompt: [1, 2] }, 'prompt'],
    ['an empty prompt', { ...BODY, prompt: '' }, 'prompt'],
    ['no model', { prompt: 'x' }, 'model'],
    ['a wrong limit', { ...BODY, max_tokens: 0 }, 'max_tokens'],
    ['a wrong stop', { ...BODY, stop: 3 }, 'stop'],
    ['a list', [], 'body'],
  ])('refuses %s', (_name, body, param) => {
    expect(refusal(body)).toBe(param);
  });

  it('names what a prompt can not say', () => {
    const { body, dropped } = format.encodeRequest({
      ...request,
      messages: [{ role: 'system', content: [{ type: 'text', text: 'Be' }] }, ...request.messages],
      tools: [{ type: 'function', name: 'f', parameters: {} }],
      reasoning: { effort: 'low' },
    });

    expect(dropped.map((item) => item.field)).toEqual(['tools', 'reasoning', 'messages[0]']);
    expect(dropped.every((item) => item.weight === 'meaning')).toBe(true);
    expect(body['prompt']).toBe('Be\nOnce');
  });

  it('keeps an answer with its log probabilities', () => {
    expect(format.decodeAnswer(format.encodeAnswer(answer, context))).toEqual(answer);
  });

  it('streams the same answer as it gives whole', () => {
    const encoder = format.createStreamEncoder(context);
    const stream = toEvents(answer)
      .map((event) => encoder.encode(event))
      .join('');
    const decoder = format.createStreamDecoder();
    const collector = new AnswerCollector();
    for (const byte of Buffer.from(stream)) for (const event of decoder.push(Uint8Array.of(byte))) collector.take(event);

    expect(decoder.end()).toEqual([]);
    expect(collector.complete).toBe(true);
    expect(collector.answer).toEqual(answer);
  });

  it('calls a stream without [DONE] cut, and one with an error broken', () => {
    const cut = format.createStreamDecoder();
    cut.push(Buffer.from('data: {"id":"1","model":"m","choices":[{"index":0,"text":"a","finish_reason":"stop"}]}\n\n'));
    const broken = format.createStreamDecoder();

    expect(cut.end()).toMatchObject([{ type: 'error', error: { kind: 'cut' } }]);
    expect(broken.push(Buffer.from('data: {"error":{"message":"no","code":"server_error"}}\n\n'))).toMatchObject([{ type: 'error', error: { message: 'no' } }]);
  });

  it('tells a client of a broken stream', () => {
    expect(format.createStreamEncoder(context).encode({ type: 'error', error: { kind: 'cut', status: 502, message: 'gone' } })).toContain('"message":"gone"');
  });

  it('refuses an answer of another kind', () => {
    expect(() => format.decodeAnswer({ choices: [{ message: {} }] })).toThrow('not a text completion');
  });
});
