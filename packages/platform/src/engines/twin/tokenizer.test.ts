import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockHashes } from './memory/block-hashes.ts';
import { countTokens, tokenize } from './tokenizer.ts';

describe('tokenizer', () => {
  it('counts one token per four bytes, for English and Korean', () => {
    expect([countTokens(''), countTokens('a'), countTokens('abcde'), countTokens('안녕하세요')]).toEqual([0, 1, 2, 4]);
  });

  it('cuts any text into as many pieces as it counts, and the pieces make up the text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', ' ', '\n', 'é', '한', '글', '漢', '😀', '\ud800'), { maxLength: 200 }), (characters) => {
        const text = characters.join('');
        const pieces = tokenize(text);
        expect(pieces.join('')).toBe(text);
        expect(pieces).toHaveLength(countTokens(text));
        expect(pieces).not.toContain('');
      }),
    );
  });
});

describe('block hashes of the twin', () => {
  it('are equal exactly as far as two texts are equal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 256 }), fc.nat(255), (bytes, place) => {
        const other = Uint8Array.from(bytes);
        const changed = place % bytes.length;
        other[changed] = ((other[changed] ?? 0) + 1) % 256;

        const left = blockHashes(bytes, 16);
        const right = blockHashes(other, 16);

        expect(left).toHaveLength(Math.floor(bytes.length / 16));
        for (let block = 0; block < left.length; block += 1) expect(left[block] === right[block]).toBe(block < Math.floor(changed / 16));
      }),
    );
  });
});
