import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { findDoor, type OpenDoor } from './door.ts';
import { type ParsedRequest, parseRequest } from './parse-request.ts';
import { spliceRequest } from './splice-request.ts';

const doorAt = (path: string): OpenDoor => {
  const door = findDoor(path);
  if (door === undefined) throw new RangeError(path);
  return door;
};

const parseAt = (path: string, body: object | string): ParsedRequest => {
  const { door, path: said } = doorAt(path);
  return parseRequest(door, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), said);
};

const refusalAt = (path: string, body: object | string): unknown => {
  try {
    return parseAt(path, body);
  } catch (error) {
    return error;
  }
};

const messages = [{ role: 'user', content: 'Hi' }];

describe('what the gateway reads of a request', () => {
  it.each<[string, object, Partial<ParsedRequest>]>([
    ['/v1/messages', { model: 'a', max_tokens: 7, stream: true, messages, tools: [{ name: 'f' }] }, { model: 'a', maxTokens: 7, stream: true, tools: true }],
    ['/v1/responses', { model: 'a', max_output_tokens: 8, input: 'x', user: 'u' }, { model: 'a', maxTokens: 8, stream: false, user: 'u' }],
    ['/v1/responses', { model: 'a', previous_response_id: 'r' }, { model: 'a', promptTokens: 0 }],
    ['/v1beta/models/a%2Fb:streamGenerateContent', { contents: [], generationConfig: { maxOutputTokens: 9 } }, { model: 'a/b', maxTokens: 9, stream: true }],
    [
      '/v1beta/models/a:generateContent',
      { contents: [], generation_config: { max_output_tokens: 9 }, stream: true },
      { model: 'a', maxTokens: 9, stream: false },
    ],
    ['/v1/completions', { model: 'a', prompt: 'x', max_tokens: 3, stream: true }, { maxTokens: 3, stream: true }],
    ['/v1/rerank', { model: 'a', query: 'q', documents: ['d'] }, { model: 'a', stream: false }],
    ['/v1/images/generations', { prompt: 'x', stream: true }, { model: '', stream: true }],
    ['/v1/moderations', { input: ['x'] }, { model: '' }],
    ['/tokenize', { model: 'a', messages }, { model: 'a' }],
    ['/v1/chat/completions', { model: 'a', messages, drop_params: true }, { dropsParams: true }],
    ['/v1/chat/completions', { model: 'a', messages, drop_params: 'yes' }, { dropsParams: false }],
  ])('at %s: %j', (path, body, read) => {
    expect(parseAt(path, body)).toMatchObject(read);
  });

  it.each([
    [
      '/v1/messages',
      { model: 'a', max_tokens: 1, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', data: 'A'.repeat(400_000) } }] }] },
    ],
    ['/v1/responses', { model: 'a', input: [{ role: 'user', content: [{ type: 'input_image', image_url: `data:image/png;base64,${'A'.repeat(400_000)}` }] }] }],
    ['/v1beta/models/a:generateContent', { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'A'.repeat(400_000) } }] }] }],
  ])('counts a picture as a picture at %s', (path, body) => {
    const request = parseAt(path, body);

    expect(request.images).toBe(true);
    expect(request.promptTokens).toBeGreaterThan(900);
    expect(request.promptTokens).toBeLessThan(1200);
  });

  it.each([
    ['/v1/messages', { model: 'a', max_tokens: 1, messages: 'x' }, 'messages'],
    ['/v1/messages', { model: 'a', max_tokens: -1, messages }, 'max_tokens'],
    ['/v1/messages', { max_tokens: 1, messages }, 'model'],
    ['/v1/responses', { model: 'a', input: 'x', stream: 'yes' }, 'stream'],
    ['/v1/responses', { model: 'a', input: 'x', max_output_tokens: 1.5 }, 'max_output_tokens'],
    ['/v1beta/models/a:generateContent', { contents: [], generationConfig: { maxOutputTokens: 'x' } }, 'maxOutputTokens'],
    ['/v1/rerank', { model: 'a', query: 'q' }, 'documents'],
    ['/v1/rerank', { model: 'a', documents: [], stream: true }, 'stream'],
    ['/v1/audio/speech', { input: 'x' }, 'model'],
    ['/v1/messages', '{"model":"a","model":"b","max_tokens":1,"messages":[]}', 'model'],
    ['/v1/responses', '{"model":"a","input":"x","previous_response_id":"a","previous_response_id":"b"}', 'previous_response_id'],
  ])('is refused at %s: %j', (path, body, param) => {
    const refusal = refusalAt(path, body);

    expect(isPlatformError(refusal, 'invalid_request') && refusal.details['param']).toBe(param);
  });
});

describe('the bytes for an engine', () => {
  it.each([
    ['/v1/messages', '{"max_tokens":1, "stream":true, "model" : "a", "messages":[]}', '{"max_tokens":1, "stream":true, "model" : "b", "messages":[]}'],
    ['/v1/responses', '{"stream":true,"model":"a","input":"x"}', '{"stream":true,"model":"b","input":"x"}'],
    ['/v1beta/models/a:streamGenerateContent', '{"contents":[]}', '{"contents":[]}'],
    ['/v1/moderations', '{"input":"x"}', '{"model":"b","input":"x"}'],
    ['/v1/rerank', '{"model":"a","documents":["\\"model\\":\\"a\\""]}', '{"model":"b","documents":["\\"model\\":\\"a\\""]}'],
    ['/v1/chat/completions', '{"model":"a","messages":[],"stream":true}', '{"stream_options":{"include_usage":true},"model":"b","messages":[],"stream":true}'],
  ])('differ by the model alone at %s', (path, before, after) => {
    expect(spliceRequest(parseAt(path, before), 'b', { door: doorAt(path).door }).body.toString()).toBe(after);
  });
});
