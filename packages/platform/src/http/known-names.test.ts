import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownName } from './known-names.ts';

const find = (text: string, before = ''): string | undefined => {
  const bytes = Buffer.from(`${before}${text}"`);
  return knownName(bytes, Buffer.byteLength(before), bytes.length - 1);
};

describe('known names', () => {
  it('are found wherever they stand', () => {
    expect(['model', 'messages', 'usage', 'id', 'n'].map((name) => find(name, '{"x":1,"'))).toEqual(['model', 'messages', 'usage', 'id', 'n']);
  });

  it('are never mistaken for another', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('Model', 'modem', 'mode', 'model ', '', 'user\u0000', 'µsage')), (text) => {
        expect([undefined, text]).toContain(find(text));
      }),
    );
    expect(['Model', 'modem', 'mode', 'models', ''].map((name) => find(name))).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});
