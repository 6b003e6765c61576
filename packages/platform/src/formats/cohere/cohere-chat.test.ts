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
import { cohereChat } from './cohere-chat.ts';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '__fixtures__', name), 'utf8');
const json = (name: string): unknown => JSON.parse(fixture(name));
const request: CanonicalRequest = { model: 'command-a', stream: false, messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] };
const readStream = (bytes: Uint8Array, cut = 0): readonly CanonicalEvent[] => {
  const decoder = cohereChat.createStreamDecoder();
  return [...decoder.push(bytes.subarray(0, cut)), ...decoder.push(bytes.subarray(cut)), ...decoder.end()];
};
const collect = (events: readonly CanonicalEvent[]): AnswerCollector => {
  const collector = new AnswerCollector();
  for (const event of events) collector.take(event);
  return collector;
};

describe('requests of Cohere', () => {
  it('come back from the canonical form as they were', () => {
    const { request: decoded } = cohereChat.decodeRequest(json('request.json'));

    expect(cohereChat.encodeRequest(decoded)).toEqual({ body: json('request.json'), dropped: [] });
  });

  it('are read into the canonical form', () => {
    const { request: decoded } = cohereChat.decodeRequest(json('request.json'));

    expect(decoded.messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool', 'assistant', 'user']);
    expect(decoded).toMatchObject({
      stream: true,
      topP: 0.9,
      topK: 40,
      toolChoice: { type: 'required' },
      tools: [{ name: 'weather', strict: true }],
      reasoning: { mode: 'on', budgetTokens: 500 },
      extra: { format: 'cohere-chat', fields: { safety_mode: 'STRICT' } },
    });
    expect(decoded.messages[3]?.content).toHaveLength(2);
  });

  it.each<[unknown, string]>([
    [{ messages: [] }, 'model'],
    [{ model: 'm' }, 'messages'],
    [{ model: 'm', messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ model: 'm', messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ model: 'm', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'ftp://x' } }] }] }, 'messages[0].content[0].image_url.url'],
    [{ model: 'm', messages: [], tool_choice: 'AUTO' }, 'tool_choice'],
    [{ model: 'm', messages: [], k: 'many' }, 'k'],
  ])('are refused with the field that is wrong: %j', (body, param) => {
    const refusal = ((): unknown => {
      try {
        return cohereChat.decodeRequest(body);
      } catch (error) {
        return error;
      }
    })();

    expect(isPlatformError(refusal, 'invalid_request')).toBe(true);
    expect(refusal).toMatchObject({ details: { param } });
  });

  it('name what Cohere can not carry', () => {
    const { dropped } = cohereChat.encodeRequest({
      ...request,
      logprobs: true,
      presencePenalty: -1,
      user: 'u',
      parallelToolCalls: false,
      messages: [
        { role: 'user', content: [{ type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AA==' } }] },
        { role: 'user', content: [{ type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'AA==' } }] },
        { role: 'assistant', content: [{ type: 'reasoning', text: 'x', seal: { format: 'gemini', kind: 'signature', value: 'y' } }] },
      ],
    });

    expect(Object.fromEntries(dropped.map(({ field, weight }) => [field, weight]))).toEqual({
      logprobs: 'meaning',
      presencePenalty: 'meaning',
      user: 'hint',
      parallelToolCalls: 'meaning',
      'messages[0].content[0]': 'meaning',
      'messages[1].content[0]': 'meaning',
      'messages.reasoning': 'hint',
    });
  });

  it('hold the model to one tool by leaving out the others', () => {
    const tools = ['a', 'b', 'c'].map((name) => ({ type: 'function' as const, name, parameters: {} }));
    const sent = (toolChoice: CanonicalRequest['toolChoice']): [unknown, unknown] => {
      const { body } = cohereChat.encodeRequest({ ...request, tools, ...(toolChoice === undefined ? {} : { toolChoice }) });
      return [(body['tools'] as { function: { name: string } }[]).map((tool) => tool.function.name).join(''), body['tool_choice']];
    };

    expect(sent({ type: 'tool', name: 'b' })).toEqual(['b', 'REQUIRED']);
    expect(sent({ type: 'allowed', mode: 'auto', names: ['a', 'c'] })).toEqual(['ac', undefined]);
    expect(sent({ type: 'none' })).toEqual(['abc', 'NONE']);
    expect(sent({ type: 'auto' })).toEqual(['abc', undefined]);
  });

  it('say in words that a tool failed', () => {
    const { body } = cohereChat.encodeRequest({
      ...request,
      messages: [{ role: 'tool', content: [{ type: 'tool-result', callId: 'c', isError: true, content: [{ type: 'text', text: 'no city' }] }] }],
    });

    expect(body['messages']).toEqual([{ role: 'tool', tool_call_id: 'c', content: 'Error: no city' }]);
  });
});

describe('answers of Cohere', () => {
  it('are read into the canonical form', () => {
    expect(cohereChat.decodeAnswer(json('answer.json'))).toMatchObject({
      finishReason: 'tool-calls',
      usage: { inputTokens: 20, cacheReadTokens: 7, outputTokens: 39 },
      parts: [
        { type: 'reasoning', text: 'I ask for both cities.' },
        { type: 'tool-call', id: 'call_c', arguments: '{"city":"Seoul"}' },
        { type: 'tool-call', id: 'call_d' },
      ],
    });
  });

  it('keep their meaning through writing and reading, whole and streamed', () => {
    const answer = cohereChat.decodeAnswer(json('answer.json'));
    const context = { id: answer.id, createdS: 1, request };
    const encoder = cohereChat.createStreamEncoder(context);

    const collector = collect(
      readStream(
        Buffer.from(
          toEvents(answer)
            .map((event) => encoder.encode(event))
            .join(''),
        ),
      ),
    );

    expect(cohereChat.decodeAnswer(cohereChat.encodeAnswer(answer, context))).toEqual(answer);
    expect(collector.complete).toBe(true);
    expect(collector.answer).toEqual(answer);
  });

  it('that are none are refused', () => {
    for (const value of [null, [], {}, { message: 'invalid request' }]) expect(() => cohereChat.decodeAnswer(value)).toThrow(/Cohere/);
  });

  it('have a usage whose buckets add up to what is charged', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(1_000_000), (input, output, cached) => {
        const usage = cohereChat.readUsage({ billed_units: { input_tokens: input, output_tokens: output }, cached_tokens: cached });

        expect(usage && promptTokens(usage)).toBe(input);
        expect(usage && completionTokens(usage)).toBe(output);
      }),
    );
    expect(cohereChat.readUsage({ tokens: { input_tokens: 3, output_tokens: 4 } })).toMatchObject({ inputTokens: 3, outputTokens: 4 });
    expect(cohereChat.readUsage({})).toBeUndefined();
  });
});

describe('streams of Cohere', () => {
  const bytes = Buffer.from(fixture('stream.sse'));

  it('tell their answer, cut at any byte', () => {
    const whole = readStream(bytes);
    for (let cut = 1; cut < bytes.length; cut += 1) expect(readStream(bytes, cut)).toEqual(whole);

    const collector = collect(whole);
    expect(collector.complete).toBe(true);
    expect(collector.answer).toMatchObject({
      id: 'e1',
      finishReason: 'tool-calls',
      parts: [
        { type: 'reasoning', text: 'I ask 서울.' },
        { type: 'text', text: 'Héllo', notes: { format: 'cohere-chat', value: [{ start: 0, end: 5 }] } },
        { type: 'tool-call', id: 'call_e', name: 'weather', arguments: '{"city":"Seoul"}' },
      ],
      usage: { inputTokens: 37, outputTokens: 16 },
    });
  });

  it('without their end were cut', () => {
    expect(readStream(bytes.subarray(0, bytes.lastIndexOf('event: message-end'))).at(-1)).toMatchObject({ type: 'error', error: { kind: 'cut' } });
  });

  it('say what went wrong', () => {
    const failed = 'data: {"type":"message-end","delta":{"finish_reason":"ERROR","error":"the model failed"}}\n\n';

    expect(readStream(Buffer.from(failed)).at(-1)).toMatchObject({ type: 'error', error: { kind: 'server', message: 'the model failed' } });
    expect(readStream(Buffer.from('data: {"message":"internal"}\n\n')).at(-1)).toMatchObject({ type: 'error', error: { message: 'internal' } });
  });

  it('are written with an error when they break off', () => {
    const encoder = cohereChat.createStreamEncoder({ id: 'x', createdS: 1, request });
    const text = encoder.encode({ type: 'error', error: { kind: 'cut', status: 502, message: 'cut off' } });

    expect(readStream(Buffer.from(text)).at(-1)).toMatchObject({ type: 'error', error: { message: 'cut off' } });
  });

  it('never throw, whatever comes', () => {
    const type = fc.constantFrom('message-start', 'content-start', 'content-delta', 'tool-call-start', 'tool-call-delta', 'citation-start', 'message-end');
    const frame = fc.record({ type, index: fc.jsonValue(), delta: fc.oneof(fc.jsonValue(), fc.record({ message: fc.jsonValue() })) });
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            frame.map((value) => Buffer.from(`data: ${JSON.stringify(value)}\n\n`)),
          ),
        ),
        (chunks) => {
          const decoder = cohereChat.createStreamDecoder();
          const events = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];

          expect(events.filter((event) => event.type === 'end' || event.type === 'error')).toHaveLength(1);
        },
      ),
    );
  });
});

describe('errors of Cohere', () => {
  it.each([
    [400, { message: 'too many tokens: total number of tokens in the prompt' }, 'context-length'],
    [401, { message: 'no api key supplied' }, 'authentication'],
    [498, { message: 'invalid api token' }, 'authentication'],
    [429, { message: 'trial key' }, 'rate-limit'],
    [500, undefined, 'server'],
  ])('with status %i are told apart', (status, value, kind) => {
    expect(cohereChat.decodeError(status, value)).toMatchObject({ kind, status });
  });

  it('are written with their message', () => {
    expect(cohereChat.encodeError({ kind: 'server', status: 500, message: 'broken' })).toEqual({ message: 'broken' });
  });
});
