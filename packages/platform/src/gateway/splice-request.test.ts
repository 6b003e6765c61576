import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doorOf } from './door.ts';
import { parseRequest } from './parse-request.ts';
import { spliceRequest } from './splice-request.ts';

const CHAT = doorOf('chat');
const splice = (text: string, servedName: string): string =>
  spliceRequest(parseRequest(CHAT, Buffer.from(text)), servedName, { door: CHAT }).body.toString('utf8');

describe('spliceRequest', () => {
  it('leaves a large body in pieces, which are the same bytes', () => {
    const request = parseRequest(
      CHAT,
      Buffer.from(JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'long '.repeat(20_000) }], stream: true })),
    );

    const { body, pieces } = spliceRequest(request, 'served', { door: CHAT });

    expect(Buffer.concat(pieces ?? [])).toEqual(body);
    expect(JSON.parse(body.toString())).toMatchObject({ model: 'served', stream_options: { include_usage: true } });
    expect(pieces?.some((piece) => piece.buffer === request.bytes.buffer)).toBe(true);
  });

  it('changes the model and nothing else, whatever the request', () => {
    const request = fc.record({
      before: fc.dictionary(
        fc.string({ minLength: 1 }).map((name) => `x${name}`),
        fc.jsonValue(),
        { maxKeys: 4 },
      ),
      model: fc.string({ unit: 'grapheme', minLength: 1 }),
      served: fc.string({ unit: 'grapheme', minLength: 1 }),
      messages: fc.array(fc.record({ role: fc.constant('user'), content: fc.string({ unit: 'grapheme' }) })),
      stream: fc.constantFrom(undefined, false, true),
      options: fc.constantFrom(undefined, null, {}, { include_usage: false }, { include_usage: true }, { include_obfuscation: false }),
      indent: fc.constantFrom(undefined, 2),
    });
    fc.assert(
      fc.property(request, ({ before, model, served, messages, stream, options, indent }) => {
        const body = { ...before, stream_options: options, model, messages, stream };
        const expected = { ...body, model: served, ...(stream === true ? { stream_options: { ...options, include_usage: true } } : {}) };

        expect(JSON.parse(splice(JSON.stringify(body, null, indent), served))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 400 },
    );
  });

  it('keeps numbers, spaces and escapes as they were written', () => {
    const text = '{ "temperature": 1.00,\t"model":"auto", "messages":[{"content":"\\u00e9\\/"}] , "big": 12345678901234567890 }';

    expect(splice(text, 'gpt')).toBe(text.replace('"auto"', '"gpt"'));
  });

  it('copies nothing when nothing changes', () => {
    const bytes = Buffer.from('{"model":"same","messages":[]}');

    expect(spliceRequest(parseRequest(CHAT, bytes), 'same', { door: CHAT }).body).toBe(bytes);
  });

  it('writes the name of a model safely', () => {
    expect(JSON.parse(splice('{"model":"a","messages":[]}', 'x","stream":true,"y":"'))).toEqual({ model: 'x","stream":true,"y":"', messages: [] });
  });
});
