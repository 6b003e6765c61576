import { describe, expect, it } from 'vitest';
import type { UserPart } from '../canonical/part.ts';
import { bedrockConverse } from './bedrock-converse.ts';

const path = { model: 'amazon.nova-pro-v1:0' };
const encode = (part: UserPart): { content: unknown; dropped: readonly string[] } => {
  const { body, dropped } = bedrockConverse.encodeRequest({ model: path.model, stream: false, messages: [{ role: 'user', content: [part] }] });
  const [turn] = body['messages'] as { content: unknown }[];
  return { content: turn?.content, dropped: dropped.map((drop) => drop.field) };
};
const base64 = (mediaType: string): { type: 'base64'; mediaType: string; data: string } => ({ type: 'base64', mediaType, data: 'AA' });

describe('media of Bedrock Converse', () => {
  it.each<[UserPart, unknown]>([
    [{ type: 'image', source: base64('image/jpg') }, [{ image: { format: 'jpeg', source: { bytes: 'AA' } } }]],
    [{ type: 'image', source: { type: 'url', url: 's3://b/a.png' } }, [{ image: { format: 'png', source: { s3Location: { uri: 's3://b/a.png' } } } }]],
    [{ type: 'video', source: base64('video/quicktime') }, [{ video: { format: 'mov', source: { bytes: 'AA' } } }]],
    [{ type: 'document', source: base64('text/csv'), name: 'a_b.csv' }, [{ document: { format: 'csv', name: 'a-b-csv', source: { bytes: 'AA' } } }]],
    [{ type: 'document', source: { type: 'text', text: 'x' } }, [{ document: { format: 'txt', name: 'document -0-0-', source: { text: 'x' } } }]],
    [{ type: 'document', source: { type: 'text', text: 'x' }, name: '보고서' }, [{ document: { format: 'txt', name: '-', source: { text: 'x' } } }]],
  ])('is written from %j', (part, content) => {
    expect(encode(part)).toEqual({ content, dropped: [] });
  });

  it('is named when it can not be sent, and nothing else is sent in its place', () => {
    for (const source of [base64('image/tiff'), { type: 'url', url: 'https://e.com/a.png' }, { type: 'file', id: 'f', format: 'gemini' }] as const) {
      expect(encode({ type: 'image', source })).toEqual({ content: undefined, dropped: ['messages[0].content[0]'] });
    }
  });

  it.each([
    [{ video: { format: 'mp4', source: { bytes: 'AA' } } }, { type: 'video', source: base64('video/mp4') }],
    [{ document: { format: 'txt', name: 'n', source: { text: 'x' } } }, { type: 'document', name: 'n', source: { type: 'text', text: 'x' } }],
    [{ image: { format: 'new', source: { bytes: 'AA' } } }, { type: 'image', source: base64('application/octet-stream') }],
    [{ guardContent: { text: { text: 'x' } } }, { type: 'foreign', format: 'bedrock-converse' }],
  ])('is read from %j', (block, part) => {
    const { request } = bedrockConverse.decodeRequest({ messages: [{ role: 'user', content: [block] }] }, path);

    expect(request.messages[0]?.content).toMatchObject([part]);
  });

  it('of a tool stays inside its result, and JSON becomes text', () => {
    const content = [{ json: { a: 1 } }, { image: { format: 'png', source: { bytes: 'AA' } } }, { video: { format: 'mp4', source: { bytes: 'AA' } } }];
    const { request } = bedrockConverse.decodeRequest({ messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 't', content } }] }] }, path);

    expect(request.messages[0]).toMatchObject({ role: 'tool', content: [{ content: [{ text: '{"a":1}' }, { type: 'image' }, { type: 'foreign' }] }] });
  });
});
