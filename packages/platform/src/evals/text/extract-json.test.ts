import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractJson } from './extract-json.ts';

describe('JSON in the text of a model', () => {
  it.each([
    ['{"a": 1}', { a: 1 }],
    ['Sure!\n```json\n{"a": [1, 2,],}\n```\nAnything else?', { a: [1, 2] }],
    ['The result [see below] is {"a": "b, }"} as asked.', { a: 'b, }' }],
    ['{"a": "say \\"}\\" twice"}', { a: 'say "}" twice' }],
    ['[1, 2]', [1, 2]],
    ['```\n[true]\n```', [true]],
  ])('is found in %j', (text, json) => {
    expect(extractJson(text)).toEqual(json);
  });

  it.each(['', 'no json here', '{"a": ', '[1, 2', '{a: 1}'])('is missing in %j', (text) => {
    expect(extractJson(text)).toBeUndefined();
  });

  it('is found between any sentences without brackets', () => {
    const prose = fc.string().map((text) => text.replace(/[[\]{}"`]/g, ''));
    fc.assert(
      fc.property(prose, fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), prose, (before, json, after) => {
        const text = JSON.stringify(json);

        expect(extractJson(`${before}\n${text}\n${after}`)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('ends for any text', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', '\\', 'a'), maxLength: 200 }), (text) => void extractJson(text)));
  });
});
