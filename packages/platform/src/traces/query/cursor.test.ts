import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

describe('cursor', () => {
  it('comes back as it was made', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string({ unit: 'binary', maxLength: 60 }), (number, text) => {
        const wellFormed = text.toWellFormed();
        expect(decodeCursor('traces', encodeCursor('traces', [number, wellFormed]), ['number', 'string'])).toEqual([number, wellFormed]);
      }),
    );
  });

  it('is refused when it is of another list or made up', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
          fc.constant(encodeCursor('sessions', [1, 'a'])),
        ),
        (cursor) => {
          expect(() => decodeCursor('traces', cursor, ['number', 'string'])).toThrow(expect.objectContaining({ code: 'invalid_request' }));
        },
      ),
    );
  });
});
