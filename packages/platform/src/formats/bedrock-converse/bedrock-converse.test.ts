import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlatformError } from '@maru/api/errors';
import { completionTokens, promptTokens } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEventStream } from '#http';
import { AnswerCollector } from '../canonical/answer-collector.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import { bedrockConverse } from './bedrock-converse.ts';

const json = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '__fixtures__', name), 'utf8'));
const path = { model: 'anthropic.claude-sonnet-4-20250514-v1:0', stream: false };
const request: CanonicalRequest = { model: path.model, stream: false, messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] };

const event = (type: string, value: unknown): Buffer =>
  formatEventStream({
    headers: { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    payload: Buffer.from(JSON.stringify(value)),
  });
const frames = (json('stream.json') as [string, unknown][]).map(([type, value]) => event(type, value));
const readStream = (bytes: Uint8Array, cut = 0): readonly CanonicalEvent[] => {
  const decoder = bedrockConverse.createStreamDecoder();
  return [...decoder.push(bytes.subarray(0, cut)), ...decoder.push(bytes.subarray(cut)), ...decoder.end()];
};

describe('requests of Bedrock Converse', () => {
  it('come back from the canonical form as they were', () => {
    const { request: decoded } = bedrockConverse.decodeRequest(json('request.json'), path);

    expect(bedrockConverse.encodeRequest(decoded)).toEqual({ body: json('request.json'), dropped: [] });
  });

  it('are read into the canonical form', () => {
    const { request: decoded } = bedrockConverse.decodeRequest(json('request.json'), { ...path, stream: true });

    expect(decoded.messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool', 'user']);
    expect(decoded).toMatchObject({
      stream: true,
      topK: 40,
      toolChoice: { type: 'required' },
      tools: [{ name: 'weather', cache: {} }],
      output: { type: 'json-schema', schema: { type: 'object' } },
      metadata: { team: 'red' },
    });
    expect(decoded.messages[0]?.content).toEqual([{ type: 'text', text: 'You answer in one sentence.', cache: { ttl: '1h' } }]);
    expect(decoded.messages[1]?.content.at(-1)).toMatchObject({ type: 'document', cache: {}, citations: true });
  });

  it.each<[unknown, string]>([
    [{}, 'messages'],
    [{ messages: [{ role: 'robot', content: [] }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 'text' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ image: { format: 'png', source: {} } }] }] }, 'messages[0].content[0].image.source'],
    [{ messages: [], toolConfig: { tools: [{ toolSpec: {} }] } }, 'toolConfig.tools[0].toolSpec.name'],
    [{ messages: [], inferenceConfig: { maxTokens: 'many' } }, 'inferenceConfig.maxTokens'],
    [
      { messages: [], outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{' } } } } },
      'outputConfig.textFormat.structure.jsonSchema.schema',
    ],
  ])('are refused with the field that is wrong: %j', (body, param) => {
    const refusal = ((): unknown => {
      try {
        return bedrockConverse.decodeRequest(body, path);
      } catch (error) {
        return error;
      }
    })();

    expect(isPlatformError(refusal, 'invalid_request')).toBe(true);
    expect(refusal).toMatchObject({ details: { param } });
  });

  it('name what Bedrock can not carry', () => {
    const { dropped } = bedrockConverse.encodeRequest({
      ...request,
      model: 'meta.llama3-70b-instruct-v1:0',
      seed: 7,
      user: 'u',
      topK: 5,
      parallelToolCalls: false,
      reasoning: { effort: 'low' },
      output: { type: 'json' },
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }] },
        { role: 'user', content: [{ type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AA==' } }] },
        { role: 'user', content: [{ type: 'image', source: { type: 'base64', mediaType: 'image/tiff', data: 'AA==' } }] },
        { role: 'assistant', content: [{ type: 'reasoning', text: 'mine', seal: { format: 'gemini', kind: 'signature', value: 'x' } }] },
      ],
    });

    expect(Object.fromEntries(dropped.map(({ field, weight }) => [field, weight]))).toEqual({
      seed: 'meaning',
      user: 'hint',
      topK: 'meaning',
      parallelToolCalls: 'meaning',
      reasoning: 'hint',
      output: 'meaning',
      'messages[0].content[0]': 'meaning',
      'messages[1].content[0]': 'meaning',
      'messages[2].content[0]': 'meaning',
      'messages.reasoning': 'hint',
    });
  });

  it('join neighbours of one role and leave out blank texts, which Bedrock refuses', () => {
    const text = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value });
    const { body } = bedrockConverse.encodeRequest({
      ...request,
      messages: [
        { role: 'user', content: [text('a')] },
        { role: 'user', content: [text('  '), text('b')] },
        { role: 'assistant', content: [text('')] },
        { role: 'user', content: [text('c')] },
      ],
    });

    expect(body['messages']).toEqual([{ role: 'user', content: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] }]);
  });

  it('give Claude the settings of Anthropic for reasoning, and open models an effort', () => {
    const additional = (model: string): unknown =>
      bedrockConverse.encodeRequest({ ...request, model, maxTokens: 9000, reasoning: { effort: 'low' } }).body['additionalModelRequestFields'];

    expect(additional('anthropic.claude-sonnet-4-20250514-v1:0')).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 1024 } });
    expect(additional('openai.gpt-oss-120b-1:0')).toEqual({ reasoning_effort: 'low' });
  });

  it('forbid tools by leaving them out, as long as none was used', () => {
    const tools = [{ type: 'function' as const, name: 'f', parameters: {} }];

    const fresh = bedrockConverse.encodeRequest({ ...request, tools, toolChoice: { type: 'none' } });
    const used = bedrockConverse.encodeRequest({
      ...request,
      tools,
      toolChoice: { type: 'none' },
      messages: [
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a.b', name: 'f', arguments: '' }] },
        { role: 'tool', content: [{ type: 'tool-result', callId: 'a.b', content: [] }] },
      ],
    });

    expect(fresh.body['toolConfig']).toBeUndefined();
    expect(fresh.dropped).toEqual([]);
    expect(used.dropped.map((drop) => drop.field)).toEqual(['toolChoice']);
    expect(JSON.stringify(used.body)).toContain('"toolUseId":"a_b"');
  });
});

describe('answers of Bedrock Converse', () => {
  it('are read into the canonical form and back', () => {
    const answer = bedrockConverse.decodeAnswer(json('answer.json'));

    expect(answer).toMatchObject({
      finishReason: 'tool-calls',
      usage: { inputTokens: 20, cacheReadTokens: 150, cacheWriteTokens: 20, cacheWriteLongTokens: 30, outputTokens: 84 },
      parts: [
        { type: 'reasoning', text: 'Two cities.', seal: { format: 'bedrock-converse', kind: 'signature' } },
        { type: 'text' },
        { type: 'tool-call', id: 'tooluse_c', arguments: '{"city":"Seoul"}' },
        { type: 'tool-call', id: 'tooluse_d' },
      ],
    });
    const { metrics: _, ...rest } = json('answer.json') as Record<string, unknown>;
    expect(bedrockConverse.encodeAnswer(answer, { id: 'x', createdS: 1, request })).toEqual(rest);
  });

  it('that are none are refused', () => {
    for (const value of [null, [], {}, { output: {} }, 'x']) expect(() => bedrockConverse.decodeAnswer(value)).toThrow(/Converse/);
  });

  it('have a usage whose buckets add up', () => {
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(count, count, count, count, count, (input, output, read, written, long) => {
        const usage = bedrockConverse.readUsage({
          inputTokens: input,
          outputTokens: output,
          cacheReadInputTokens: read,
          cacheWriteInputTokens: written,
          cacheDetails: [{ ttl: '1h', inputTokens: long }],
        });

        expect(usage && promptTokens(usage)).toBe(input + read + written);
        expect(usage && completionTokens(usage)).toBe(output);
      }),
    );
  });
});

describe('streams of Bedrock Converse', () => {
  const bytes = Buffer.concat(frames);

  it('tell their answer, cut at any byte', () => {
    const whole = readStream(bytes);
    for (let cut = 1; cut < bytes.length; cut += 1) expect(readStream(bytes, cut)).toEqual(whole);

    const collector = new AnswerCollector();
    for (const one of whole) collector.take(one);
    expect(collector.complete).toBe(true);
    expect(collector.answer).toMatchObject({
      finishReason: 'tool-calls',
      parts: [
        { type: 'reasoning', text: 'Two cities 안녕.', seal: { value: 'c2lnLWM=' } },
        { type: 'text', text: 'Héllo 서울' },
        { type: 'tool-call', id: 'tooluse_e', name: 'weather', arguments: '{"city":"Seoul"}' },
      ],
      usage: { inputTokens: 30, outputTokens: 12 },
    });
  });

  it('were cut when they end before messageStop, or inside a message', () => {
    for (const part of [Buffer.concat(frames.slice(0, 12)), bytes.subarray(0, bytes.length - 3)]) {
      expect(readStream(part).at(-1)).toMatchObject({ type: 'error', error: { kind: 'cut' } });
    }
  });

  it('are complete without their metadata', () => {
    expect(readStream(Buffer.concat(frames.slice(0, 13))).at(-1)).toEqual({ type: 'end' });
  });

  it('say what went wrong in the middle', () => {
    const exception = formatEventStream({
      headers: { ':message-type': 'exception', ':exception-type': 'throttlingException' },
      payload: Buffer.from('{"message":"slow down"}'),
    });

    expect(readStream(Buffer.concat([...frames.slice(0, 6), exception, ...frames.slice(6)])).at(-1)).toEqual({
      type: 'error',
      error: { kind: 'rate-limit', status: 429, message: 'slow down', code: 'throttlingException' },
    });
  });

  it('with a wrong checksum or an event that is no JSON are garbage', () => {
    const broken = Buffer.from(bytes);
    broken[40] = (broken[40] ?? 0) ^ 1;

    expect(readStream(broken).at(-1)).toMatchObject({ error: { kind: 'garbage' } });
    expect(readStream(formatEventStream({ headers: { ':event-type': 'messageStart' }, payload: Buffer.from('{') })).at(-1)).toMatchObject({
      error: { kind: 'garbage' },
    });
  });

  it('never throw, whatever comes', () => {
    const frame = fc.tuple(fc.constantFrom('contentBlockStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata', 'new'), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            frame.map(([type, value]) => event(type, value)),
          ),
        ),
        (chunks) => {
          const decoder = bedrockConverse.createStreamDecoder();
          const events = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];

          expect(events.filter((one) => one.type === 'end' || one.type === 'error')).toHaveLength(1);
        },
      ),
    );
  });

  it('are not written: no client reads them', () => {
    expect(() => bedrockConverse.createStreamEncoder({ id: 'x', createdS: 1, request })).toThrow(/event stream of Bedrock/);
  });
});

describe('errors of Bedrock', () => {
  it.each([
    [400, { message: 'Input is too long for requested model.' }, 'context-length'],
    [400, { message: 'malformed' }, 'invalid-request'],
    [429, { message: 'Too many requests', __type: 'com.amazon.coral#ThrottlingException' }, 'rate-limit'],
    [424, { message: 'x', __type: 'ModelErrorException' }, 'server'],
    [503, '<html>', 'overloaded'],
  ])('with status %i are told apart', (status, value, kind) => {
    expect(bedrockConverse.decodeError(status, value)).toMatchObject({ kind, status });
  });

  it('are written with their message', () => {
    expect(bedrockConverse.encodeError({ kind: 'server', status: 500, message: 'broken' })).toEqual({ message: 'broken' });
  });
});
