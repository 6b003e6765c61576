import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { doorOf } from './door.ts';
import { parseRequest } from './parse-request.ts';

const parse = (body: object | string): ReturnType<typeof parseRequest> =>
  parseRequest(doorOf('chat'), Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

const refusal = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
};

const hello = { model: 'auto', messages: [{ role: 'user', content: 'Hi' }] };

describe('parseRequest', () => {
  it('reads what the gateway needs', () => {
    const request = parse({ ...hello, stream: true, stream_options: { include_usage: true }, max_tokens: 5, max_completion_tokens: 9, user: 'u', tools: [{}] });

    expect(request).toMatchObject({ model: 'auto', stream: true, wantsUsage: true, maxTokens: 9, user: 'u', tools: true, images: false });
  });

  it('takes nothing for granted', () => {
    expect(parse(hello)).toMatchObject({ stream: false, wantsUsage: false, maxTokens: undefined, user: undefined, tools: false, images: false });
  });

  it('reads null as absent', () => {
    expect(parse({ ...hello, stream: null, stream_options: null, max_tokens: null, user: null, tools: null })).toMatchObject({
      stream: false,
      wantsUsage: false,
      maxTokens: undefined,
      user: undefined,
      tools: false,
    });
  });

  it('gives the raw prompt, which equal prompts share', () => {
    expect(parse(hello).promptBytes.toString()).toBe(JSON.stringify(hello.messages));
    expect(parseRequest(doorOf('embeddings'), Buffer.from('{"input":["a","b"],"model":"m"}')).promptBytes.toString()).toBe('["a","b"]');
  });

  it('estimates the prompt by its bytes, but an image by its kind', () => {
    const text = parse({ ...hello, messages: [{ role: 'user', content: 'x'.repeat(4000) }] });
    const image = parse({
      ...hello,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(1_000_000)}` } }] }],
    });

    expect(text.promptTokens).toBeGreaterThan(1000);
    expect(text.promptTokens).toBeLessThan(1030);
    expect(image.images).toBe(true);
    expect(image.promptTokens).toBeLessThan(2000);
  });

  it('skips a byte order mark', () => {
    expect(parse(`\uFEFF${JSON.stringify(hello)}`).model).toBe('auto');
  });

  it('parses a small body in full and finds mistakes inside it', () => {
    expect(
      isPlatformError(
        refusal(() => parse('{"model":"m","messages":[{"a":}]}')),
        'invalid_json',
      ),
    ).toBe(true);
  });

  it('parses a large body only when it is asked for', () => {
    const large = parse({ ...hello, messages: [{ role: 'user', content: 'y'.repeat(100_000) }] });

    expect(large.value()).toMatchObject({ model: 'auto' });
    expect(large.value()).toBe(large.value());
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xfe]), Buffer.from('","messages":[]}')]);

    expect(
      isPlatformError(
        refusal(() => parseRequest(doorOf('chat'), bytes)),
        'invalid_json',
      ),
    ).toBe(true);
  });

  it.each([
    ['model', { ...hello, model: '' }],
    ['model', { ...hello, model: null }],
    ['stream', { ...hello, stream: 1 }],
    ['stream_options', { ...hello, stream_options: 'x' }],
    ['stream_options', { ...hello, stream_options: [] }],
    ['max_tokens', { ...hello, max_tokens: 'many' }],
    ['max_tokens', { ...hello, max_tokens: -1 }],
    ['max_completion_tokens', { ...hello, max_completion_tokens: 1.5 }],
    ['messages', { model: 'm', messages: {} }],
  ])('names the field that is wrong: %s', (param, body) => {
    const error = refusal(() => parse(body));

    expect(isPlatformError(error, 'invalid_request')).toBe(true);
    expect(error).toMatchObject({ details: { param } });
  });

  it('does not stream embeddings', () => {
    expect(
      isPlatformError(
        refusal(() => parseRequest(doorOf('embeddings'), Buffer.from('{"model":"m","input":"x","stream":true}'))),
        'invalid_request',
      ),
    ).toBe(true);
  });

  it('minds repeated names only where it reads them', () => {
    expect(parse('{"model":"m","messages":[],"seed":1,"seed":2}').model).toBe('m');
    expect(
      isPlatformError(
        refusal(() => parse('{"model":"m","messages":[],"stream":true,"stream":false}')),
        'invalid_request',
      ),
    ).toBe(true);
  });
});
