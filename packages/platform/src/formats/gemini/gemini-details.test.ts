import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import { AnswerCollector } from '../canonical/answer-collector.ts';
import { toEvents } from '../canonical/answer-events.ts';
import type { UserPart } from '../canonical/part.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import { gemini } from './gemini.ts';

const request: CanonicalRequest = { model: 'gemini-2.5-pro', stream: false, messages: [] };
const context = { id: 'r1', createdS: 1, request };
const encodePart = (part: UserPart): { parts: unknown; dropped: readonly string[] } => {
  const { body, dropped } = gemini.encodeRequest({ ...request, messages: [{ role: 'user', content: [part] }] });
  const [content] = body['contents'] as { parts: unknown }[];
  return { parts: content?.parts, dropped: dropped.map((drop) => drop.field) };
};
const restream = (answer: CanonicalAnswer): CanonicalAnswer => {
  const encoder = gemini.createStreamEncoder({ ...context, id: answer.id });
  const decoder = gemini.createStreamDecoder();
  const collector = new AnswerCollector();
  const text = toEvents(answer)
    .map((event) => encoder.encode(event))
    .join('');
  for (const event of [...decoder.push(Buffer.from(text)), ...decoder.end()]) collector.take(event);
  expect(collector.complete).toBe(true);
  return collector.answer;
};

describe('parts of a request of Gemini', () => {
  it.each<[UserPart, unknown]>([
    [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA' } }, [{ inlineData: { mimeType: 'image/png', data: 'AA' } }]],
    [
      { type: 'image', source: { type: 'url', url: 'https://e.com/a.webp?x=1' } },
      [{ fileData: { mimeType: 'image/webp', fileUri: 'https://e.com/a.webp?x=1' } }],
    ],
    [{ type: 'image', source: { type: 'url', url: 'https://e.com/a' } }, [{ fileData: { mimeType: 'image/jpeg', fileUri: 'https://e.com/a' } }]],
    [{ type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AA' } }, [{ inlineData: { mimeType: 'audio/wav', data: 'AA' } }]],
    [{ type: 'video', source: { type: 'url', url: 'https://youtu.be/x' } }, [{ fileData: { mimeType: 'video/mp4', fileUri: 'https://youtu.be/x' } }]],
    [{ type: 'document', source: { type: 'text', text: 'b' }, name: 'a', context: 'c' }, [{ text: 'c' }, { text: 'a:\nb' }]],
    [
      {
        type: 'document',
        source: { type: 'file', id: 'https://generativelanguage.googleapis.com/v1beta/files/x', format: 'gemini', mediaType: 'application/pdf' },
      },
      [{ fileData: { mimeType: 'application/pdf', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x' } }],
    ],
    [{ type: 'foreign', format: 'gemini', value: { executableCode: { code: '1' } } }, [{ executableCode: { code: '1' } }]],
  ])('are written from %j', (part, parts) => {
    expect(encodePart(part)).toEqual({ parts, dropped: [] });
  });

  it.each<[UserPart, string[]]>([
    [{ type: 'document', source: { type: 'text', text: 'b' }, citations: true }, ['messages[0].content[0].citations']],
    [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA' }, detail: 'high' }, ['messages[0].content[0].detail']],
    [{ type: 'text', text: 'x', cache: {} }, ['cache']],
    [{ type: 'foreign', format: 'openai-chat', value: {} }, ['messages[0].content[0]']],
  ])('name what is lost of %j', (part, fields) => {
    expect(encodePart(part).dropped).toEqual(fields);
  });

  it.each([
    [{ fileData: { mimeType: 'video/mp4', fileUri: 'gs://b/v' } }, { type: 'video', source: { type: 'url', url: 'gs://b/v' } }],
    [{ fileData: { fileUri: 'https://www.youtube.com/watch?v=x' } }, { type: 'video' }],
    [{ fileData: { mimeType: 'audio/mpeg', fileUri: 'files/abc' } }, { type: 'audio', source: { type: 'file', id: 'files/abc', format: 'gemini' } }],
    [{ inlineData: { mimeType: 'text/csv', data: 'AA', displayName: 'a.csv' } }, { type: 'document', name: 'a.csv' }],
    [
      { inlineData: { mimeType: 'video/mp4', data: 'AA' }, videoMetadata: { fps: 1 } },
      { type: 'foreign', format: 'gemini' },
    ],
  ])('are read from %j', (part, expected) => {
    const { request: decoded } = gemini.decodeRequest({ contents: [{ parts: [part] }] }, { model: 'm' });

    expect(decoded.messages[0]?.content).toMatchObject([expected]);
  });

  it('keep pictures of a tool behind its result', () => {
    const { body } = gemini.encodeRequest({
      ...request,
      messages: [
        { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'draw', arguments: '' }] },
        {
          role: 'tool',
          content: [{ type: 'tool-result', callId: 'c', content: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA' } }] }],
        },
      ],
    });

    expect(body['contents']).toMatchObject([
      { role: 'model', parts: [{ functionCall: { id: 'c', name: 'draw', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'c', name: 'draw' } }, { text: expect.stringContaining('c') }, { inlineData: { data: 'AA' } }] },
    ]);
  });

  it('read a response of any shape as the result of a tool', () => {
    const content = (response: unknown): unknown =>
      gemini.decodeRequest({ contents: [{ parts: [{ functionResponse: { name: 'f', response } }] }] }, { model: 'm' }).request.messages[0]?.content;

    expect(content({ result: 'ok' })).toMatchObject([{ content: [{ text: 'ok' }] }]);
    expect(content({ output: { a: 1 } })).toMatchObject([{ content: [{ text: '{"a":1}' }] }]);
    expect(content({ a: 1, b: 2 })).toMatchObject([{ content: [{ text: '{"a":1,"b":2}' }] }]);
  });
});

describe('an answer of Gemini, whole or streamed', () => {
  const base: CanonicalAnswer = { id: 'r1', model: 'm', parts: [], finishReason: 'stop' };

  it.each<[string, CanonicalAnswer]>([
    ['log probabilities', { ...base, parts: [{ type: 'text', text: 'a' }], logprobs: [{ token: 'a', logprob: -0.1, top: [{ token: 'b', logprob: -2 }] }] }],
    [
      'its sources',
      { ...base, parts: [{ type: 'text', text: 'a', notes: { format: 'gemini', value: [{ groundingMetadata: { webSearchQueries: ['q'] } }] } }] },
    ],
    [
      'parts that only Gemini knows',
      {
        ...base,
        parts: [
          { type: 'foreign', format: 'gemini', value: { executableCode: { code: '1+1' } } },
          { type: 'text', text: '2' },
        ],
      },
    ],
    [
      'a signature at its end',
      {
        ...base,
        parts: [
          { type: 'text', text: 'a' },
          { type: 'reasoning', text: '', seal: { format: 'gemini', kind: 'signature', value: 's' } },
        ],
      },
    ],
    [
      'the seal of a thought',
      {
        ...base,
        parts: [
          { type: 'reasoning', text: 'hm', seal: { format: 'gemini', kind: 'signature', value: 's' } },
          { type: 'text', text: 'a' },
        ],
      },
    ],
    [
      'sound and pictures in its usage',
      {
        ...base,
        usage: { inputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 0, outputTokens: 2, reasoningTokens: 1, audioInputTokens: 4, imageOutputTokens: 6 },
      },
    ],
    ['a length', { ...base, finishReason: 'length', parts: [{ type: 'text', text: 'a' }] }],
  ])('keeps %s', (_name, answer) => {
    expect(gemini.decodeAnswer(gemini.encodeAnswer(answer, { ...context, id: answer.id }))).toEqual(answer);
  });

  it.each<[string, CanonicalAnswer]>([
    ['its sources', { ...base, parts: [{ type: 'text', text: 'a' }] }],
    [
      'parts that only Gemini knows',
      {
        ...base,
        parts: [
          { type: 'foreign', format: 'gemini', value: { executableCode: { code: '1+1' } } },
          { type: 'text', text: '2' },
        ],
      },
    ],
    [
      'a signature at its end',
      {
        ...base,
        parts: [
          { type: 'text', text: 'a' },
          { type: 'reasoning', text: '', seal: { format: 'gemini', kind: 'signature', value: 's' } },
        ],
      },
    ],
    [
      'the seal of a thought',
      {
        ...base,
        parts: [
          { type: 'reasoning', text: 'hm', seal: { format: 'gemini', kind: 'signature', value: 's' } },
          { type: 'text', text: 'a' },
        ],
      },
    ],
  ])('streams %s', (_name, answer) => {
    expect(restream(answer)).toEqual(answer);
  });

  it('shows a client the seal of another vendor wrapped, and gets it back', () => {
    const seal = { format: 'anthropic-messages', kind: 'signature', value: 'theirs' } as const;
    const written = gemini.encodeAnswer(
      {
        ...base,
        parts: [
          { type: 'reasoning', text: 'hm', seal },
          { type: 'text', text: 'a' },
        ],
      },
      context,
    );
    const [candidate] = written['candidates'] as { content: unknown }[];

    const { request: decoded } = gemini.decodeRequest({ contents: [candidate?.content] }, { model: 'm' });

    expect(JSON.stringify(candidate)).not.toContain('"theirs"');
    expect(decoded.messages[0]?.content[0]).toEqual({ type: 'reasoning', text: 'hm', seal });
  });
});
