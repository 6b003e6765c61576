import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinKey } from './join-key.ts';

describe('a joined key', () => {
  it('is the same for the same values only', () => {
    const parts = fc.array(fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('1:a', ':', '2', '\n', '0:')), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        expect(joinKey(left) === joinKey(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
    );
  });

  it('takes numbers and truth values', () => {
    expect(joinKey([12, true, ''])).toBe('2:124:true0:');
  });
});
