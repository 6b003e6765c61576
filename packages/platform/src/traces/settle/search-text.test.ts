import { describe, expect, it } from 'vitest';
import { excerptOf, toSearchText } from './search-text.ts';

describe('the text that is searched', () => {
  it('is lower-case and composed, in every alphabet', () => {
    expect(toSearchText(['Chat GPT-5', null, '', 'CAFE\u0301', 'ÀÉ', '\u1112\u1161\u11ab'])).toBe('chat gpt-5 caf\u00e9 àé 한');
  });

  it('can be kept by every database, and has an end', () => {
    expect(toSearchText(['a\u0000b'])).toBe('a\uFFFDb');
    expect(toSearchText(['x'.repeat(9_000)])).toHaveLength(8_000);
    expect(excerptOf({ text: 'y'.repeat(3_000) })).toHaveLength(2_000);
  });
});
