import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlatformError } from '@maru/api/errors';
import { completionTokens, promptTokens } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerCollector } from '../canonical/answer-collector.ts';
import { toEvents } from '../canonical/answer-events.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { AnswerContext } from '../format.ts';
import { gemini } from './gemini.ts';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '__fixtures__', name), 'utf8');
const json = (name: string): unknown => JSON.parse(fixture(name));
const path = { model: 'gemini-2.5-pro', stream: false };
const request: CanonicalRequest = { model: 'gemini-2.5-pro', stream: false, messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] };
const context: AnswerContext = { id: 'r1', createdS: 1, request };
const refusal = (body: unknown): unknown => {
  try {
    return gemini.decodeRequest(body, path);
  } catch (error) {
    return error;
  }
};
const readStream = (bytes: Uint8Array, cuts: readonly number[] = []): readonly CanonicalEvent[] => {
  const decoder = gemini.createStreamDecoder();
  const places = [0, ...cuts, bytes.length];
  const events = places.slice(1).flatMap((end, index) => decoder.push(bytes.subarray(places[index], end)));
  return [...events, ...decoder.end()];
};
const collect = (events: readonly CanonicalEvent[]): AnswerCollector => {
  const collector = new AnswerCollector();
  for (const event of events) collector.take(event);
  return collector;
};

describe('requests of Gemini', () => {
  it('come back from the canonical form as they were', () => {
    const { request: decoded } = gemini.decodeRequest(json('request.json'), path);

    expect(gemini.encodeRequest(decoded)).toEqual({ body: json('request.json'), dropped: [] });
  });

  it('are read into the canonical form', () => {
    const { request: decoded } = gemini.decodeRequest(json('request.json'), { model: 'gemini-2.5-pro', stream: true });

    expect(decoded).toMatchObject({
      model: 'gemini-2.5-pro',
      stream: true,
      output: { type: 'json-schema' },
      toolChoice: { type: 'allowed', mode: 'auto', names: ['weather'] },
      reasoning: { budgetTokens: 1024, summary: 'auto' },
      extra: { format: 'gemini', fields: { cachedContent: 'cachedContents/abc', 'generationConfig.mediaResolution': 'MEDIA_RESOLUTION_LOW' } },
    });
    expect(decoded.messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool', 'user']);
    expect(decoded.messages[2]?.content.map((part) => part.type)).toEqual(['reasoning', 'reasoning', 'tool-call', 'tool-call']);
    expect(decoded.messages[3]?.content).toMatchObject([{ callId: 'call_a' }, { callId: 'call_b', isError: true }]);
  });

  it('may write their fields with underscores', () => {
    const { request: decoded } = gemini.decodeRequest(
      {
        system_instruction: { parts: { text: 'short' } },
        contents: { role: 'user', parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }] },
        generation_config: { max_output_tokens: 5, stop_sequences: ['x'] },
      },
      path,
    );

    expect(decoded).toMatchObject({ maxTokens: 5, stop: ['x'] });
    expect(decoded.messages).toMatchObject([
      { role: 'system', content: [{ text: 'short' }] },
      { role: 'user', content: [{ type: 'image', source: { mediaType: 'image/png' } }] },
    ]);
  });

  it('match results without ids to their calls by name and order', () => {
    const call = (city: string): object => ({ functionCall: { name: 'weather', args: { city } } });
    const result = (output: string): object => ({ functionResponse: { name: 'weather', response: { output } } });

    const { request: decoded } = gemini.decodeRequest(
      {
        contents: [
          { role: 'model', parts: [call('a'), call('b')] },
          { role: 'user', parts: [result('1'), result('2')] },
        ],
      },
      path,
    );

    const [asked, answered] = decoded.messages;
    const ids = asked?.content.map((part) => (part.type === 'tool-call' ? part.id : ''));
    expect(new Set(ids).size).toBe(2);
    expect(answered?.content.map((part) => (part.type === 'tool-result' ? part.callId : ''))).toEqual(ids);
  });

  it('read schemas of OpenAPI as JSON schemas', () => {
    const parameters = { type: 'OBJECT', properties: { tags: { type: 'ARRAY', items: { type: 'STRING', nullable: true } }, type: { type: 'STRING' } } };
    const { request: decoded } = gemini.decodeRequest({ contents: 'hi', tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] }, path);

    expect(decoded.tools).toMatchObject([
      { parameters: { type: 'object', properties: { tags: { type: 'array', items: { type: ['string', 'null'] } }, type: { type: 'string' } } } },
    ]);
  });

  it.each<[unknown, string]>([
    [{}, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: [{ role: 'robot', parts: [] }] }, 'contents[0].role'],
    [{ contents: [{ role: 'user' }] }, 'contents[0].parts'],
    [{ contents: [{ parts: [{ text: 7 }] }] }, 'contents[0].parts[0].text'],
    [{ contents: 'x', tools: ['y'] }, 'tools[0]'],
    [{ contents: 'x', generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature'],
    [{ contents: 'x', toolConfig: { functionCallingConfig: { mode: 'SOME' } } }, 'toolConfig.functionCallingConfig.mode'],
    [{ contents: 'x', generationConfig: { responseMimeType: 'image/png' } }, 'generationConfig.responseMimeType'],
  ])('are refused with the field that is wrong: %j', (body, param) => {
    const error = refusal(body);

    expect(isPlatformError(error, 'invalid_request')).toBe(true);
    expect(error).toMatchObject({ details: { param } });
  });

  it('need a model in their path', () => {
    expect(() => gemini.decodeRequest({ contents: 'x' })).toThrow(/model/);
  });

  it('name what Gemini can not carry', () => {
    const { dropped } = gemini.encodeRequest({
      ...request,
      choices: 2,
      user: 'u',
      logitBias: { 5: 1 },
      parallelToolCalls: false,
      tools: [{ type: 'foreign', format: 'anthropic-messages', kind: 'bash', value: {} }],
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'file', id: 'f', format: 'openai-chat' } }] },
        { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'f', arguments: 'not json' }] },
        { role: 'system', content: [{ type: 'text', text: 'late' }] },
      ],
    });

    expect(Object.fromEntries(dropped.map(({ field, weight }) => [field, weight]))).toEqual({
      choices: 'meaning',
      user: 'hint',
      logitBias: 'meaning',
      parallelToolCalls: 'meaning',
      'tools[0]': 'meaning',
      'messages[0].content[0]': 'meaning',
      'messages[1].content[0].arguments': 'meaning',
      'messages[2]': 'hint',
    });
  });

  it('send no seal of another vendor, and Gemini its own', () => {
    const { body, dropped } = gemini.encodeRequest({
      ...request,
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'a', seal: { format: 'anthropic-messages', kind: 'signature', value: 'theirs' } },
            { type: 'reasoning', text: '', seal: { format: 'gemini', kind: 'signature', value: 'own' } },
            { type: 'text', text: 'b' },
          ],
        },
      ],
    });

    expect(body['contents']).toEqual([{ role: 'model', parts: [{ text: 'b', thoughtSignature: 'own' }] }]);
    expect(dropped.map((drop) => drop.field)).toEqual(['messages.reasoning']);
  });

  it.each([
    ['gemini-2.5-flash', { thinkingBudget: 8192 }],
    ['gemini-3-pro-preview', { thinkingLevel: 'medium' }],
    ['gemini-3.5-flash', { thinkingLevel: 'medium' }],
  ])('ask %s to think in its own words', (model, thinking) => {
    const { body } = gemini.encodeRequest({ ...request, model, reasoning: { effort: 'medium' } });

    expect(body['generationConfig']).toEqual({ thinkingConfig: { includeThoughts: true, ...thinking } });
  });

  it('mark calls that another model made for Gemini 3, which refuses them otherwise', () => {
    const content = ['a', 'b'].map((id) => ({ type: 'tool-call' as const, id, name: 'f', arguments: '{}' }));
    const signatures = (model: string): unknown =>
      (gemini.encodeRequest({ ...request, model, messages: [{ role: 'assistant', content }] }).body['contents'] as { parts: object[] }[])[0]?.parts.map(
        (part) => 'thoughtSignature' in part,
      );

    expect(signatures('gemini-3-pro')).toEqual([true, false]);
    expect(signatures('gemini-2.5-pro')).toEqual([false, false]);
  });
});

describe('answers of Gemini', () => {
  it('are read into the canonical form', () => {
    const answer = gemini.decodeAnswer(json('answer.json'));

    expect(answer).toMatchObject({
      model: 'gemini-2.5-pro',
      finishReason: 'tool-calls',
      usage: { inputTokens: 20, cacheReadTokens: 100, cacheWriteTokens: 0, outputTokens: 24, reasoningTokens: 60 },
      parts: [
        { type: 'reasoning', text: 'Two cities, two calls.' },
        { type: 'text', text: 'I ask for both.' },
        { type: 'reasoning', text: '', seal: { format: 'gemini', value: 'c2lnLWM=' } },
        { type: 'tool-call', name: 'weather', arguments: '{"city":"Seoul"}' },
        { type: 'tool-call', name: 'weather', arguments: '{"city":"Busan"}' },
      ],
    });
    expect(new Set(answer.parts.map((part) => (part.type === 'tool-call' ? part.id : part))).size).toBe(answer.parts.length);
  });

  it('keep their meaning through writing and reading', () => {
    const answer = gemini.decodeAnswer(json('answer.json'));

    expect(gemini.decodeAnswer(gemini.encodeAnswer(answer, { ...context, id: answer.id }))).toEqual(answer);
  });

  it.each([
    ['SAFETY', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['MAX_TOKENS', 'length'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['SOMETHING_NEW', 'other'],
  ])('that end with %s ended with %s', (finishReason, reason) => {
    expect(gemini.decodeAnswer({ candidates: [{ finishReason }] }).finishReason).toBe(reason);
  });

  it('to a blocked prompt are empty and filtered', () => {
    expect(gemini.decodeAnswer({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } })).toMatchObject({
      parts: [],
      finishReason: 'content-filter',
      usage: { inputTokens: 4 },
    });
  });

  it.each([null, 7, [], {}, { candidates: [] }, '<html>'])('that are none are refused: %j', (value) => {
    expect(() => gemini.decodeAnswer(value)).toThrow(/not of the Gemini API/);
  });
});

describe('the usage of Gemini', () => {
  it('falls into buckets that add up to what was counted', () => {
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(count, count, count, count, count, count, (prompt, cached, candidates, thoughts, audio, images) => {
        const usage = gemini.readUsage({
          promptTokenCount: prompt,
          cachedContentTokenCount: cached,
          candidatesTokenCount: candidates,
          thoughtsTokenCount: thoughts,
          promptTokensDetails: [{ modality: 'AUDIO', tokenCount: audio }],
          candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: images }],
        });

        expect(usage && promptTokens(usage)).toBe(prompt);
        expect(usage && completionTokens(usage)).toBe(candidates + thoughts);
        expect(Object.values(usage ?? { none: -1 }).every((tokens) => tokens >= 0)).toBe(true);
      }),
    );
  });

  it('counts cached sound once', () => {
    const usage = gemini.readUsage({
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 1,
      promptTokensDetails: [
        { modality: 'AUDIO', tokenCount: 80 },
        { modality: 'TEXT', tokenCount: 20 },
      ],
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 60 }],
    });

    expect(usage).toMatchObject({ cacheReadTokens: 60, audioInputTokens: 20, inputTokens: 20 });
  });

  it('is unknown where nothing was counted', () => {
    expect(gemini.readUsage(undefined)).toBeUndefined();
    expect(gemini.readUsage({ trafficType: 'ON_DEMAND' })).toBeUndefined();
  });
});

describe('streams of Gemini', () => {
  const bytes = Buffer.from(fixture('stream.sse'));

  it('tell their answer, cut at any byte', () => {
    const whole = readStream(bytes);
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(readStream(bytes, [cut]).filter((event) => event.type === 'end')).toHaveLength(1);

    const collector = collect(whole);
    expect(collector.complete).toBe(true);
    expect(collector.answer).toMatchObject({
      id: 'r1',
      model: 'gemini-2.5-flash',
      finishReason: 'tool-calls',
      parts: [
        { type: 'reasoning', text: '**Thinking** about 안녕 and héllo.' },
        { type: 'text', text: '안녕하세요!' },
        { type: 'reasoning', text: '', seal: { value: 'c2lnLWQ=' } },
        { type: 'tool-call', name: 'weather', arguments: '{"city":"Seoul"}' },
      ],
      usage: { inputTokens: 11, outputTokens: 9, reasoningTokens: 19 },
    });
  });

  it('without a finish reason were cut', () => {
    const text = fixture('stream.sse').replace('"finishReason": "STOP",', '');

    expect(readStream(Buffer.from(text)).at(-1)).toMatchObject({ type: 'error', error: { kind: 'cut' } });
    expect(readStream(bytes.subarray(0, bytes.length - 200)).at(-1)).toMatchObject({ type: 'error', error: { kind: 'cut' } });
  });

  it('say what went wrong in the middle', () => {
    const broken = `${fixture('stream.sse').slice(0, 400).split('\n\n')[0]}\n\ndata: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\n\n`;

    expect(readStream(Buffer.from(broken)).at(-1)).toMatchObject({ type: 'error', error: { kind: 'overloaded', status: 503 } });
  });

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            fc.json().map((text) => Buffer.from(`data: ${text}\n\n`)),
          ),
        ),
        (chunks) => {
          const decoder = gemini.createStreamDecoder();
          const events = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];

          expect(events.filter((event) => event.type === 'end' || event.type === 'error')).toHaveLength(1);
        },
      ),
    );
  });

  it('are written so that they are read as the same answer', () => {
    const answer = gemini.decodeAnswer(json('answer.json'));
    const encoder = gemini.createStreamEncoder({ ...context, id: answer.id });

    const text = toEvents(answer)
      .map((event) => encoder.encode(event))
      .join('');

    const collector = collect(readStream(Buffer.from(text)));
    expect(collector.complete).toBe(true);
    expect(collector.answer).toEqual(answer);
  });

  it('are written with an error when they break off, and without a finish reason', () => {
    const encoder = gemini.createStreamEncoder(context);
    const text = [
      encoder.encode({ type: 'start', id: 'x', model: 'm' }),
      encoder.encode({ type: 'part-start', index: 0, part: { type: 'text' } }),
      encoder.encode({ type: 'text-delta', index: 0, text: 'half' }),
      encoder.encode({ type: 'error', error: { kind: 'cut', status: 502, message: 'cut off' } }),
    ].join('');

    expect(text).not.toContain('finishReason');
    expect(readStream(Buffer.from(text)).at(-1)).toMatchObject({ type: 'error', error: { status: 502, message: 'cut off' } });
  });
});

describe('errors of Gemini', () => {
  it.each([
    [400, { error: { code: 400, message: 'API key not valid', status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }, 'authentication'],
    [400, { error: { message: 'The input token count exceeds the maximum number of tokens allowed', status: 'INVALID_ARGUMENT' } }, 'context-length'],
    [400, [{ error: { message: 'bad', status: 'INVALID_ARGUMENT' } }], 'invalid-request'],
    [429, { error: { message: 'quota', status: 'RESOURCE_EXHAUSTED' } }, 'rate-limit'],
    [503, { error: { message: 'busy', status: 'UNAVAILABLE' } }, 'overloaded'],
    [500, '<html>', 'server'],
  ])('with status %i are told apart', (status, value, kind) => {
    expect(gemini.decodeError(status, value)).toMatchObject({ kind, status });
  });

  it('are written as Google writes them', () => {
    expect(gemini.encodeError({ kind: 'rate-limit', status: 429, message: 'slow' })).toEqual({
      error: { code: 429, message: 'slow', status: 'RESOURCE_EXHAUSTED' },
    });
  });
});
