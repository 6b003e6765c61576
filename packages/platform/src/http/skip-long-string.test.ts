import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { skipLongString } from './skip-long-string.ts';

/** The end as a walk over every byte finds it. */
function walk(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === 0x22) return at + 1;
    if (bytes[at] === 0x5c) at += 1;
  }
  return -1;
}

/** The same bytes at any place of a larger buffer. */
function placed(bytes: Buffer, before: number): Buffer {
  const whole = Buffer.alloc(before + bytes.length + 8, 0x22);
  bytes.copy(whole, before);
  return whole.subarray(before, before + bytes.length);
}

describe('the end of a long string', () => {
  it('is where a walk over every byte finds it, wherever the bytes lie in memory', () => {
    const piece = fc.oneof(
      fc.constantFrom('\\"', '\\\\', '\\n', '"', 'é한국', '!\u0023[]\u00a2\u00dc', '\u00ff'),
      fc.string({ maxLength: 12 }),
      fc.integer({ min: 1, max: 400 }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(7), fc.nat(5), (pieces, before, from) => {
        const bytes = placed(Buffer.from(pieces.join('')), before);
        const start = Math.min(from, bytes.length);
        expect(skipLongString(bytes, start)).toBe(walk(bytes, start));
      }),
      { numRuns: 500 },
    );
  });

  it('is found behind every kind of byte', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => (byte === 0x22 || byte === 0x5c ? 0x20 : byte)));
    for (let before = 0; before < 4; before += 1) {
      const bytes = placed(Buffer.concat([all, all, Buffer.from('"rest')]), before);

      expect(skipLongString(bytes, 0)).toBe(513);
    }
  });

  it('is never looked for outside of the bytes', () => {
    const bytes = placed(Buffer.from('x'.repeat(300)), 3);

    expect(skipLongString(bytes, 0)).toBe(-1);
    expect(skipLongString(Buffer.alloc(0), 0)).toBe(-1);
  });
});
