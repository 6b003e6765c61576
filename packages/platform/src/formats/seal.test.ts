import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Seal } from './canonical/part.ts';
import { parseMediaUrl, toMediaUrl } from './media.ts';
import { isSameVendor, unwrapSeal, wrapSeal } from './seal.ts';
import { readThinkingBlock, toThinkingBlock } from './thinking-block.ts';
import { WIRE_FORMATS } from './wire-format.ts';

const seal = fc.record({
  format: fc.constantFrom(...WIRE_FORMATS),
  kind: fc.constantFrom('signature' as const, 'encrypted' as const),
  value: fc.string({ minLength: 1 }).filter((value) => !value.startsWith('maru:')),
});

describe('seal', () => {
  it('comes back from a client exactly as its vendor made it', () => {
    fc.assert(
      fc.property(seal, fc.option(fc.string({ minLength: 1 }), { nil: undefined }), fc.constantFrom(...WIRE_FORMATS), (made, id, client) => {
        const given: Seal = { ...made, ...(id === undefined ? {} : { id }) };
        const own = { format: client, kind: given.kind } as const;
        const back = unwrapSeal({ ...own, value: wrapSeal(given, client) });

        // A client of the vendor's own format sees the plain value, and its id stands beside it.
        expect(back).toEqual(client === given.format ? { ...own, value: given.value } : given);
      }),
    );
  });

  it.each(['maru:', 'maru:unknown:signature::x', 'maru:gemini:wax::x', 'maru:gemini:signature', 'plain'])('takes %j for the vendor’s own value', (value) => {
    const own = { format: 'anthropic-messages', kind: 'signature', value } as const;

    expect(unwrapSeal(own)).toEqual(own);
  });

  it('reads an id that is not encoded as it is', () => {
    expect(unwrapSeal({ format: 'gemini', kind: 'signature', value: 'maru:openai-responses:encrypted:%E0%A4%A:x' })).toMatchObject({
      id: '%E0%A4%A',
      value: 'x',
    });
  });

  it('knows which formats belong to one vendor', () => {
    expect(isSameVendor('openai-chat', 'openai-responses')).toBe(true);
    expect(isSameVendor('gemini', 'anthropic-messages')).toBe(false);
  });

  it('stands in a thinking block, and reasoning without text in a redacted one', () => {
    const signed = { type: 'reasoning', text: 'hm', seal: { format: 'openai-responses', kind: 'encrypted', value: 'e', id: 'rs_1' } } as const;
    const hidden = { ...signed, text: '' };

    expect(toThinkingBlock(signed)['type']).toBe('thinking');
    expect(toThinkingBlock(hidden)['type']).toBe('redacted_thinking');
    for (const part of [signed, hidden]) expect(readThinkingBlock(toThinkingBlock(part))).toEqual([part]);
    expect(readThinkingBlock({ type: 'thinking', thinking: '', signature: '' })).toEqual([]);
    expect(readThinkingBlock({ type: 'reasoning.text', text: 'a', signature: 's' })).toEqual([
      { type: 'reasoning', text: 'a', seal: { format: 'anthropic-messages', kind: 'signature', value: 's' } },
    ]);
    expect(readThinkingBlock({ type: 'else' })).toEqual([]);
  });
});

describe('media', () => {
  it.each([
    ['data:image/png;base64,AAAA', { type: 'base64', mediaType: 'image/png', data: 'AAAA' }],
    ['data:Image/PNG;name=a.png;base64,AAAA', { type: 'base64', mediaType: 'image/png', data: 'AAAA' }],
    ['https://example.com/a.png', { type: 'url', url: 'https://example.com/a.png' }],
    ['gs://bucket/a.png', { type: 'url', url: 'gs://bucket/a.png' }],
  ] as const)('reads %s', (url, source) => {
    expect(parseMediaUrl(url)).toEqual(source);
  });

  it.each(['', 'file:///etc/passwd', 'data:text/plain,hello', 'javascript:alert(1)', 'AAAA'])('does not take %j', (url) => {
    expect(parseMediaUrl(url)).toBeUndefined();
  });

  it('writes what has an address, and no uploaded file', () => {
    expect(toMediaUrl({ type: 'base64', mediaType: 'image/png', data: 'AA' })).toBe('data:image/png;base64,AA');
    expect(toMediaUrl({ type: 'file', id: 'f', format: 'openai-chat' })).toBeUndefined();
  });
});
